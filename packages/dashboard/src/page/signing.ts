import type { Project, SendRequest } from "../api.ts";

/** Whether the project has a key with which the server can sign requests. */
export function hasSigningKey({ variables }: Pick<Project, "variables">): boolean {
  return variables.some(({ name, hint }) => name === "AUTH_TOKEN" && hint !== "empty");
}

/**
 * Leaves out the signature if there is no key and the function does not need one, so that the phone works in a project
 * without `.env`. A protected function still gets the error that names the missing key.
 */
export function signedIfPossible(request: SendRequest, project: Project | undefined): SendRequest {
  if (project === undefined || !request.isSigned || hasSigningKey(project)) return request;
  const [path] = request.target.split(/[?#]/);
  const isProtected = project.functions.some((each) => each.path === path && each.visibility === "protected");
  return isProtected ? request : { ...request, isSigned: false };
}
