export { type EncryptionKey, type EncryptionOptions, encrypted } from "./encrypted.ts";
