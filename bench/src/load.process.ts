import { answerQuestions } from './child.questions';
import { runFullLoad } from './full.load';
import { runPacedLoad } from './paced.load';

/** The load generator: one process, so that its work is not counted as the server's. */
answerQuestions({ full: runFullLoad, paced: runPacedLoad });
