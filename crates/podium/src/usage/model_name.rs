//! Friendly forms of model names.

/// A friendly form of the last part of a model's name: `openai/gpt-4.1` → `GPT-4.1`,
/// `anthropic/claude-4.6-opus` → `Claude 4.6 Opus`.
pub fn friendly_model_name(name: &str) -> String {
    let last = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name);
    let mut words = last.split(['-', '_', ' ']).filter(|word| !word.is_empty()).peekable();
    let mut friendly = String::with_capacity(last.len());
    while let Some(word) = words.next() {
        let written = friendly_word(word, friendly.is_empty());
        friendly.push_str(&written);
        if words.peek().is_some() {
            // These families are written with a hyphen before their version.
            let hyphen = matches!(written.as_str(), "GPT" | "GLM");
            friendly.push(if hyphen { '-' } else { ' ' });
        }
    }
    if friendly.is_empty() { name.to_owned() } else { friendly }
}

fn friendly_word(word: &str, is_first: bool) -> String {
    const WRITTEN_OTHERWISE: [(&str, &str); 14] = [
        ("gpt", "GPT"),
        ("oss", "OSS"),
        ("glm", "GLM"),
        ("tts", "TTS"),
        ("vl", "VL"),
        ("ai", "AI"),
        ("llm", "LLM"),
        ("hd", "HD"),
        ("chatgpt", "ChatGPT"),
        ("openai", "OpenAI"),
        ("deepseek", "DeepSeek"),
        ("minimax", "MiniMax"),
        ("xai", "xAI"),
        ("it", "IT"),
    ];
    if let Some((_, written)) = WRITTEN_OTHERWISE.iter().find(|(plain, _)| *plain == word) {
        return (*written).to_owned();
    }
    let is_size = word.ends_with('b') && word.starts_with(|c: char| c.is_ascii_digit());
    if is_size {
        return word.to_ascii_uppercase().replace('X', "x");
    }
    // OpenAI writes its o-series small: o3, o4.
    let is_o_series = is_first
        && word
            .strip_prefix('o')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()));
    if is_o_series {
        return word.to_owned();
    }
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::friendly_model_name;

    #[test]
    fn names_read_as_people_write_them() {
        for (name, friendly) in [
            ("openai/gpt-4.1", "GPT-4.1"),
            ("anthropic/claude-4.6-opus", "Claude 4.6 Opus"),
            ("openai/gpt-5.2-codex", "GPT-5.2 Codex"),
            ("Acme/OpenAI/gpt-5.2", "GPT-5.2"),
            ("gemini/gemini-3-pro-preview", "Gemini 3 Pro Preview"),
            ("hosted_vllm/gpt-oss-20b", "GPT-OSS 20B"),
            ("openai/gpt-4o-mini", "GPT-4o Mini"),
            ("openai/o3-mini", "o3 Mini"),
            ("meta/llama-3.3-70b-instruct", "Llama 3.3 70B Instruct"),
            ("mistral/mixtral-8x7b", "Mixtral 8x7B"),
            ("deepseek/deepseek-r1", "DeepSeek R1"),
            ("hosted_vllm/qwen3-coder", "Qwen3 Coder"),
            ("plain-model", "Plain Model"),
            ("text-embedding-3-large", "Text Embedding 3 Large"),
            ("ünlü-model", "Ünlü Model"),
            ("trailing/", "Trailing"),
            ("-", "-"),
            ("", ""),
        ] {
            assert_eq!(friendly_model_name(name), friendly, "{name:?}");
        }
    }
}
