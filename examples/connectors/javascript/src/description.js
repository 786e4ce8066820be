// @ts-check
// What the connector is, and what it asks for. Read once, when the file is dropped in.

/** The upstream that requests go to; the operator's configuration says where it is. */
export const API = "api";

/** The key that the live chat signs its webhook with. Its value stays in the gateway. */
const WEBHOOK = "webhook";

/** JSON Schema of what the operator may set; `context.settings` has been checked against it. */
const SETTINGS = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
  properties: {
    agent_name: {
      type: "string",
      minLength: 1,
      description: "Who a message is from where the live chat names no sender",
      default: "Contoso Support",
    },
  },
};

/** @returns {import("handover:connector/descriptor@1.0.0").Description} */
export function describe() {
  return {
    name: "contoso",
    version: "1.0.0",
    vendor: "Contoso Live Chat",
    configSchema: JSON.stringify(SETTINGS),
    credentials: [
      { name: API, kinds: ["bearer"], required: false, help: "The live chat's API key, where it has one" },
      { name: WEBHOOK, kinds: ["key"], required: false, help: "The live chat's webhook secret, where it has one" },
    ],
    upstreams: [
      {
        name: API,
        defaultBaseUrl: "http://127.0.0.1:5000",
        furtherHosts: [],
        credential: API, // The gateway adds it to each request; this code never sees it.
        help: "The address of the Contoso live chat",
      },
    ],
    callbacks: [
      {
        path: "",
        methods: ["POST"],
        // The gateway checks the signature before `map` is called. The operator may say that there is none.
        verification: [
          {
            tag: "hmac",
            val: {
              credential: WEBHOOK,
              digest: "sha256",
              encoding: "hex",
              header: "x-contoso-signature",
              prefix: "sha256=",
              content: "timestamp-and-body",
              timestampHeader: "x-contoso-timestamp",
              opening: "",
              separator: ".",
              tolerance: 300,
            },
          },
          { tag: "none" },
        ],
      },
    ],
    limits: {
      textLength: undefined,
      textUnit: "characters",
      textFormats: ["markdown", "plain"],
      attachments: "by-url",
      attachmentSize: undefined,
      attachmentTypes: [],
    },
    stateSchema: 1,
  };
}
