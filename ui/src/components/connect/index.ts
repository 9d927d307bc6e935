export { Connect } from "./connect";
export {
  cannotConnect,
  FRAMEWORKS,
  frameworkName,
  rememberedFramework,
  rememberFramework,
} from "./frameworks";
