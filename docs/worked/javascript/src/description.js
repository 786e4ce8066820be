// @ts-check
// What the connector is, and what it asks for.

/** @returns {import("handover:connector/descriptor@1.0.0").Description} */
export function describe() {
  return {
    name: "acme",
    version: "1.0.0",
    vendor: "Acme Desk",
    configSchema: JSON.stringify({ type: "object", additionalProperties: false, properties: {} }),
    credentials: [
      { name: "api", kinds: ["oauth2-client-credentials"], required: true, help: "Settings, Apps, Client" },
      { name: "webhook", kinds: ["key"], required: true, help: "Settings, Webhooks, Signing key" },
    ],
    upstreams: [
      {
        name: "api",
        defaultBaseUrl: "https://api.acme.example/v3",
        furtherHosts: [],
        credential: "api", // The gateway fetches tokens and adds them.
        help: "Acme's API",
      },
    ],
    callbacks: [{ path: "", methods: ["POST"], verification: [{ tag: "hmac", val: signature }] }],
    limits: {
      textLength: 2000, // Longer ones come as several messages, each with an id of its own.
      textUnit: "characters",
      textFormats: ["plain"],
      attachments: "none",
      attachmentSize: undefined,
      attachmentTypes: [],
    },
    stateSchema: 1,
  };
}

/**
 * Base64 of the HMAC-SHA256 of the body, with no time in it.
 *
 * @type {import("handover:connector/descriptor@1.0.0").HmacSignature}
 */
const signature = {
  credential: "webhook",
  digest: "sha256",
  encoding: "base64",
  header: "x-acme-signature",
  prefix: "",
  content: "body",
  timestampHeader: undefined,
  opening: "",
  separator: "",
  tolerance: 0,
};
