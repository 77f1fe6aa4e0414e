// A schema no value is made for; the vendors answer 400 to such schemas too.

export class SchemaUnsupportedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SchemaUnsupportedError";
  }
}
