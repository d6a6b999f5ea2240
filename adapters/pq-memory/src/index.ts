export { memoryTopics } from "./memory-topics.ts";
