//! The command that reproduces a result, as a line for a shell.

use std::ffi::OsString;

/// The arguments quoted for a shell, without those that do not change the result: threads, output
/// file, quietness, colours.
pub fn line(arguments: impl IntoIterator<Item = OsString>) -> String {
    let mut words = vec!["scorematch".to_owned()];
    let mut arguments = arguments.into_iter().map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = arguments.next() {
        match role(&word) {
            Role::Kept => words.push(quoted(&word)),
            Role::KeptWithValue => {
                words.push(quoted(&word));
                words.extend(arguments.next().map(|value| quoted(&value)));
            }
            Role::Dropped => {}
            Role::DroppedWithValue => drop(arguments.next()),
        }
    }
    words.join(" ")
}

enum Role {
    Kept,
    /// The value is kept even if it begins like an option.
    KeptWithValue,
    Dropped,
    DroppedWithValue,
}

fn role(word: &str) -> Role {
    match word {
        "-e" | "--expression" => Role::KeptWithValue,
        "-q" | "--quiet" => Role::Dropped,
        "-o" | "--output" | "--threads" | "--color" => Role::DroppedWithValue,
        _ if ["--threads=", "--output=", "--color="].iter().any(|one| word.starts_with(one)) => {
            Role::Dropped
        }
        _ if word.starts_with("-o") => Role::Dropped,
        _ => Role::Kept,
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        assert_eq!(line(arguments.iter().map(OsString::from)), expected);
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        check(&["fit", "-e", "-x^2", "a b.csv"], "scorematch fit -e '-x^2' 'a b.csv'");
        check(&["fit", "it's", ""], r"scorematch fit 'it'\''s' ''");
    }

    #[test]
    fn arguments_that_do_not_change_the_result_are_left_out() {
        let same = "scorematch fit m d.csv --seed 1";
        check(&["fit", "m", "d.csv", "--threads", "8", "--seed", "1", "-q"], same);
        check(&["fit", "m", "-o", "f", "d.csv", "--seed", "1", "--threads=3"], same);
        check(&["fit", "m", "d.csv", "--color", "never", "--seed", "1", "--color=always"], same);
        check(&["fit", "m", "d.csv", "-ofile", "--output=f", "--seed", "1", "--quiet"], same);
    }

    #[test]
    fn the_text_of_a_model_is_never_an_option() {
        check(&["fit", "-e", "-q", "d.csv"], "scorematch fit -e -q d.csv");
    }
}
