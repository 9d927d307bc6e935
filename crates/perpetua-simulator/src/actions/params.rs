//! Reading an action's parameters as leniently as real cores do: numbers may be strings, booleans too, and
//! `null` is as good as nothing.

use perpetua_onebot::segment::{self, Segment};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// How long a name that a bot gives may be, in characters: QQ's own bound.
const NAME_CHARACTERS: usize = 60;

/// The parameters of one action.
#[derive(Debug, Default)]
pub(super) struct Params(Map<String, Value>);

impl From<Map<String, Value>> for Params {
    fn from(members: Map<String, Value>) -> Params {
        Self(members)
    }
}

impl Params {
    pub(super) fn read(raw: Option<&str>) -> Result<Params, Refusal> {
        let Some(raw) = raw else {
            return Ok(Params::default());
        };
        match serde_json::from_str(raw) {
            Ok(Value::Object(members)) => Ok(Params(members)),
            Ok(Value::Null) => Ok(Params::default()),
            Ok(_) => Err(Refusal::ParamsNotObject),
            Err(error) => Err(Refusal::ParamsUnreadable(error.to_string())),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn optional_integer(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        let wrong = Refusal::Wrong {
            name,
            expected: "a whole number",
        };
        self.get(name)
            .map(|value| integer(value).ok_or(wrong))
            .transpose()
    }

    pub(super) fn integer(&self, name: &'static str) -> Result<i64, Refusal> {
        self.optional_integer(name)?.ok_or(Refusal::Missing(name))
    }

    /// A whole number from 0 on, `default` if there is none.
    pub(super) fn amount_or(&self, name: &'static str, default: i64) -> Result<i64, Refusal> {
        let amount = self.optional_integer(name)?.unwrap_or(default);
        if amount < 0 {
            return Err(Refusal::Wrong {
                name,
                expected: "0 or more",
            });
        }
        Ok(amount)
    }

    pub(super) fn flag_or(&self, name: &'static str, default: bool) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(default),
            Some(value) => boolean(value).ok_or(Refusal::Wrong {
                name,
                expected: "true or false",
            }),
        }
    }

    pub(super) fn optional_text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(Refusal::Wrong {
                name,
                expected: "a string",
            }),
        }
    }

    pub(super) fn text(&self, name: &'static str) -> Result<String, Refusal> {
        self.optional_text(name)?.ok_or(Refusal::Missing(name))
    }

    /// A name that the world keeps, `""` if there is none.
    pub(super) fn label(&self, name: &'static str) -> Result<String, Refusal> {
        let label = self.optional_text(name)?.unwrap_or_default();
        if label.chars().count() > NAME_CHARACTERS {
            return Err(Refusal::Wrong {
                name,
                expected: "at most 60 characters long",
            });
        }
        Ok(label)
    }

    /// The segments of a parameter that is a message; with `auto_escape` a string has no CQ codes.
    pub(super) fn message(&self, name: &'static str) -> Result<Vec<Segment>, Refusal> {
        let value = self.get(name).ok_or(Refusal::Missing(name))?;
        if let Value::String(text) = value
            && self.flag_or("auto_escape", false)?
        {
            return Ok(vec![Segment::text(text)]);
        }
        segment::from_message(value).ok_or(Refusal::Wrong {
            name,
            expected: "a string, a segment `{type, data}`, or an array of segments",
        })
    }
}

fn integer(value: &Value) -> Option<i64> {
    /// Up to here every whole number is a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            let exact = float.fract() == 0.0 && float.abs() <= EXACT;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and in range, as just seen"
            )]
            exact.then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_come_as_numbers_strings_and_floats() {
        for value in [
            json!(20001),
            json!("20001"),
            json!(" 20001 "),
            json!(20001.0),
        ] {
            assert_eq!(integer(&value), Some(20_001), "{value}");
        }
        for value in [
            json!(1.5),
            json!("x"),
            json!(""),
            json!(true),
            json!(1e300),
            json!(u64::MAX),
        ] {
            assert_eq!(integer(&value), None, "{value}");
        }
    }

    #[test]
    fn booleans_come_as_booleans_strings_and_numbers() {
        for value in [
            json!(true),
            json!("true"),
            json!("True"),
            json!(1),
            json!("1"),
        ] {
            assert_eq!(boolean(&value), Some(true), "{value}");
        }
        for value in [json!(false), json!("false"), json!(0)] {
            assert_eq!(boolean(&value), Some(false), "{value}");
        }
        for value in [json!(2), json!("maybe"), json!([])] {
            assert_eq!(boolean(&value), None, "{value}");
        }
    }
}
