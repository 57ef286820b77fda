//! Friendly forms of model names.

use std::collections::HashMap;

/// A friendly form of the last part of a model's name: `openai/gpt-4.1` → `GPT-4.1`,
/// `anthropic/claude-4.6-opus` → `Claude 4.6 Opus`. Regions, vendors and revisions that clouds put
/// around a name are left out: `us.anthropic.claude-sonnet-4-5-20250929-v1:0` → `Claude Sonnet 4.5`.
pub fn friendly_model_name(name: &str) -> String {
    let last = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name);
    let plain = without_cloud(last);
    let words = joined_versions(
        plain.split(['-', '_', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>(),
    );
    let mut words = words.iter().peekable();
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

/// Friendly names of some models, each unlike all others: those that are alike say where they come
/// from, as briefly as tells them apart. `named` gives the public name of a model that has one.
pub fn distinct_model_names<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
    named: impl Fn(&str) -> Option<String>,
) -> HashMap<&'a str, String> {
    let friendly =
        |name: &str| friendly_model_name(&named(name).unwrap_or_else(|| name.to_owned()));
    let before = |name: &str| {
        let mut parts = name.trim_end_matches('/').rsplit('/').skip(1);
        parts.next().map(str::to_owned).unwrap_or_default()
    };
    let forms: [&dyn Fn(&str) -> String; 3] =
        [&friendly, &|name| format!("{} ({})", friendly(name), before(name)), &|name| {
            format!("{} ({name})", friendly(name))
        }];
    let mut told: HashMap<&str, String> =
        names.clone().map(|name| (name, forms[0](name))).collect();
    for form in &forms[1..] {
        let mut bearers: HashMap<String, usize> = HashMap::new();
        told.values().for_each(|name| *bearers.entry(name.clone()).or_default() += 1);
        for (name, told) in &mut told {
            if bearers[told] > 1 {
                *told = form(name);
            }
        }
    }
    told
}

/// A name without the region and vendor before it and the revision behind it.
fn without_cloud(name: &str) -> &str {
    const REGIONS: [&str; 12] =
        ["us", "eu", "ap", "apac", "us-gov", "global", "jp", "au", "ca", "sa", "me", "af"];
    const VENDORS: [&str; 14] = [
        "ai21",
        "amazon",
        "anthropic",
        "cohere",
        "deepseek",
        "google",
        "meta",
        "mistral",
        "nvidia",
        "openai",
        "qwen",
        "stability",
        "twelvelabs",
        "writer",
    ];
    let mut plain = name;
    for known in [&REGIONS[..], &VENDORS[..]] {
        if let Some((before, rest)) = plain.split_once('.')
            && known.contains(&before)
            && !rest.is_empty()
        {
            plain = rest;
        }
    }
    if let Some((region, rest)) = plain.split_once('-')
        && ["us", "eu", "apac", "emea", "global"].contains(&region)
        && ["gpt", "claude", "gemini", "llama", "mistral", "o1", "o3", "o4"]
            .iter()
            .any(|family| rest.starts_with(family))
    {
        plain = rest;
    }
    without_revision(plain)
}

fn without_revision(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut plain = name;
    if let Some((before, after)) = plain.rsplit_once('@')
        && !before.is_empty()
        && (is_number(after) || matches!(after, "latest" | "default"))
    {
        plain = before;
    }
    if let Some((before, after)) = plain.rsplit_once(':')
        && is_number(after)
        && !before.is_empty()
    {
        plain = before;
        // The revision's major part: `-v1` of `-v1:0`.
        if let Some((before, after)) = plain.rsplit_once("-v")
            && is_number(after)
        {
            plain = before;
        }
    }
    match plain.rsplit_once(['-', '@']) {
        // A date.
        Some((before, after))
            if after.len() == 8 && is_number(after) && after.starts_with("20") =>
        {
            before
        }
        _ => plain,
    }
}

/// Claude's versions are written with a hyphen where people write a point: `4-5`.
fn joined_versions(words: Vec<&str>) -> Vec<String> {
    let is_claude = words.first().is_some_and(|word| word.eq_ignore_ascii_case("claude"));
    let is_small = |word: &str| word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(last) if is_claude && is_small(word) && is_small(last) => {
                last.push('.');
                last.push_str(word);
            }
            _ => joined.push(word.to_owned()),
        }
    }
    joined
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
    use super::*;

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
            ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5"),
            (
                "arn:aws:bedrock:eu-central-1:123:inference-profile/eu.anthropic.claude-3-5-haiku-v1:0",
                "Claude 3.5 Haiku",
            ),
            ("bedrock/meta.llama3-70b-instruct-v1:0", "Llama3 70B Instruct"),
            ("bedrock/amazon.nova-pro-v1:0", "Nova Pro"),
            ("azure/eu-gpt-4o", "GPT-4o"),
            ("vertex_ai/claude-3-5-sonnet@20240620", "Claude 3.5 Sonnet"),
            ("openai/gpt-4o-2024-08-06", "GPT-4o 2024 08 06"),
            ("mistral.mistral-large-2402-v1:0", "Mistral Large 2402"),
        ] {
            assert_eq!(friendly_model_name(name), friendly, "{name:?}");
        }
    }

    #[test]
    fn names_that_are_alike_say_where_they_come_from() {
        let models = [
            "a/gpt-4.1",
            "b/gpt-4.1",
            "openai/gpt-5.2",
            "x/azure/gpt-5.2-codex",
            "y/azure/gpt-5.2-codex",
            "model_name_t1_0d57",
            "o3-mini",
        ];
        let named = |name: &str| (name == "model_name_t1_0d57").then(|| "our-gpt".to_owned());
        let names = distinct_model_names(models.into_iter(), named);
        let told = models.map(|model| names[model].as_str());
        assert_eq!(
            told,
            [
                "GPT-4.1 (a)",
                "GPT-4.1 (b)",
                "GPT-5.2",
                "GPT-5.2 Codex (x/azure/gpt-5.2-codex)",
                "GPT-5.2 Codex (y/azure/gpt-5.2-codex)",
                "Our GPT",
                "o3 Mini",
            ]
        );
    }
}
