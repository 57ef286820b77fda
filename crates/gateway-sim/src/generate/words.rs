//! Names of teams, people and models.

/// Workshop teams; bigger worlds go on with pairs of the words below.
pub(super) const TEAMS: [&str; 16] = [
    "Prompt Pirates",
    "Token Titans",
    "Context Crusaders",
    "Latent Legends",
    "Gradient Gang",
    "Beam Searchers",
    "Attention Avengers",
    "Zero-Shot Heroes",
    "Vector Vikings",
    "Embedding Explorers",
    "Sampling Samurai",
    "Tensor Trekkers",
    "Chain of Thinkers",
    "Temperature Tamers",
    "Agentic Aardvarks",
    "Logit Lumberjacks",
];

pub(super) const ADJECTIVES: [&str; 24] = [
    "Amber", "Brave", "Calm", "Daring", "Eager", "Fuzzy", "Gentle", "Happy", "Icy", "Jolly",
    "Keen", "Lucky", "Mellow", "Nimble", "Orange", "Proud", "Quiet", "Rapid", "Silent", "Tidy",
    "Upbeat", "Vivid", "Witty", "Zesty",
];

pub(super) const NOUNS: [&str; 24] = [
    "Badgers", "Comets", "Dolphins", "Eagles", "Falcons", "Geckos", "Herons", "Ibises", "Jaguars",
    "Koalas", "Lemurs", "Magpies", "Narwhals", "Otters", "Pandas", "Quokkas", "Ravens", "Salmons",
    "Tapirs", "Urchins", "Voles", "Wombats", "Yaks", "Zebras",
];

pub(super) const PEOPLE: [&str; 12] = [
    "ada",
    "grace",
    "linus",
    "margaret",
    "alan",
    "barbara",
    "dennis",
    "hedy",
    "ken",
    "radia",
    "tim",
    "katherine",
];

/// Public name, provider's name, provider, US dollars a million tokens in, out, and cached.
pub(super) type ModelWords = (&'static str, &'static str, &'static str, f64, f64, Option<f64>);

/// The eighth is a second deployment under the first one's public name, and the last a second
/// public name for the first one's provider model.
pub(super) const MODELS: [ModelWords; 16] = [
    ("acme/OpenAI/gpt-5.2", "openai/gpt-5.2", "openai", 1.75, 14.0, Some(0.175)),
    (
        "acme/Anthropic/claude-opus-4.5",
        "anthropic/claude-opus-4-5",
        "anthropic",
        5.0,
        25.0,
        Some(0.5),
    ),
    (
        "acme/Anthropic/claude-sonnet-4.5",
        "anthropic/claude-sonnet-4-5",
        "anthropic",
        3.0,
        15.0,
        Some(0.3),
    ),
    ("acme/Google/gemini-3-pro", "gemini/gemini-3-pro-preview", "gemini", 2.0, 12.0, Some(0.2)),
    ("acme/SelfHosted/gpt-oss-20b", "hosted_vllm/gpt-oss-20b", "hosted_vllm", 0.0, 0.0, None),
    ("acme/SelfHosted/qwen3-coder", "hosted_vllm/qwen3-coder", "hosted_vllm", 0.0, 0.0, None),
    ("acme/OpenAI/gpt-5-mini", "openai/gpt-5-mini", "openai", 0.25, 2.0, Some(0.025)),
    ("acme/OpenAI/gpt-5.2", "azure/gpt-5.2", "azure", 1.75, 14.0, Some(0.175)),
    (
        "acme/Anthropic/claude-haiku-4.5",
        "anthropic/claude-haiku-4-5",
        "anthropic",
        1.0,
        5.0,
        Some(0.1),
    ),
    ("acme/Google/gemini-3-flash", "gemini/gemini-3-flash-preview", "gemini", 0.5, 3.0, Some(0.05)),
    ("acme/Mistral/mistral-large-3", "mistral/mistral-large-2512", "mistral", 0.5, 1.5, None),
    ("acme/SelfHosted/llama-4-scout", "hosted_vllm/llama-4-scout", "hosted_vllm", 0.0, 0.0, None),
    ("acme/xAI/grok-4", "xai/grok-4", "xai", 3.0, 15.0, Some(0.75)),
    ("acme/DeepSeek/deepseek-v3.2", "deepseek/deepseek-chat", "deepseek", 0.28, 0.42, Some(0.028)),
    ("plain-model", "openai/gpt-5-nano", "openai", 0.05, 0.4, Some(0.005)),
    ("acme/Alias/gpt-5.2-again", "openai/gpt-5.2", "openai", 1.75, 14.0, Some(0.175)),
];
