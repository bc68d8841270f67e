import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Lifts the {@link AdminTokenGuard} off a controller or a route. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
