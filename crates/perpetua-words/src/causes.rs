//! Errors of other libraries, which have no code, as text for a parameter.

use std::error::Error;

/// An error and its causes in one line, in the words of those who made them.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fmt};

    use super::with_causes;

    #[derive(Debug)]
    struct Broken(&'static str, Option<Box<Self>>);

    impl fmt::Display for Broken {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }

    impl Error for Broken {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn each_cause_follows_what_it_caused() {
        let cause = Broken("no route", None);
        let error = Broken("no connection", Some(Box::new(cause)));
        let error = Broken("no answer", Some(Box::new(error)));
        assert_eq!(with_causes(&error), "no answer: no connection: no route");
    }
}
