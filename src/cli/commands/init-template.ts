// The polylogue.yaml that `init` writes: complete, commented, valid as it stands.
import { CONFIG_DEFAULTS } from "../../app/config/defaults.ts";

const { timeouts } = CONFIG_DEFAULTS;

export const CONFIG_TEMPLATE = `# Polylogue's configuration. Environment variables win over this file, flags win
# over both; "polylogue config explain" says where each value comes from.
# Keys never stand here: export them (ANTHROPIC_API_KEY, GEMINI_API_KEY,
# DEEPSEEK_API_KEY, OPENAI_API_KEY) or name a file of mode 0600 with keyFile.
# After a change of baseUrl, proxy, keyEnv, keyFile or key here, agree to it with
# "polylogue config trust": a file that is merely found decides nothing about keys.

# What "polylogue ask" does unless told otherwise.
ask:
  with: [claude, gemini, deepseek]
  as: debate # or ask, gather, round-robin, council, vote

# Hard limits. A call that could break one is not made.
budgets:
  conversationUsd: 1.00
  # dayUsd: 10.00
  # agentUsd: 0.50
  # turnUsd: 0.20

# claude, gemini, deepseek and openai are built in. Further agents, or other
# models for those, stand here:
# agents:
#   claude:
#     vendor: anthropic
#     model: claude-sonnet-5-5
#     skills: [review]
#   local:
#     vendor: ollama
#     model: qwen3:8b

# Other servers that speak a known format, and settings of the built-in vendors:
# vendors:
#   ollama:
#     wire: openai-compatible-chat
#     baseUrl: http://127.0.0.1:11434/v1
#     prices:
#       "qwen3:8b": { inputUsdPerMillion: 0, outputUsdPerMillion: 0 }
#   anthropic:
#     keyEnv: TEAM_ANTHROPIC_KEY
#     proxy: http://proxy.example:3128

# How long things may take, in milliseconds:
# timeouts:
#   firstContentMs: ${timeouts.firstContentMs}
#   callMs: ${timeouts.callMs}
#   turnMs: ${timeouts.turnMs}
`;
