//! Numbers as JavaScript writes them (ECMA-262, `Number::toString`), but for integers, which keep their digits.

/// Digits of a number and the place of its point: `digits` × 10^(`point` - number of digits).
struct Decimal {
    digits: String,
    point: i32,
}

/// JavaScript writes exponents from here on.
const LARGEST_PLAIN: i32 = 21;
/// And below this.
const SMALLEST_PLAIN: i32 = -6;

/// How a JSON number is written that is not so already; `None` where it is, or where JavaScript knows no such number.
pub(super) fn shortest(text: &str) -> Option<String> {
    let written = if text == "-0" {
        "0".to_owned()
    } else if let Some(whole) = without_point(text) {
        whole
    } else if text.contains(['.', 'e', 'E']) {
        of_float(text.parse().ok()?)?
    } else {
        return None;
    };
    (written != text).then_some(written)
}

/// An integer that is written with nothing but zeros behind its point.
fn without_point(text: &str) -> Option<String> {
    let (whole, zeros) = text.split_once('.')?;
    let is_whole = zeros.bytes().all(|byte| byte == b'0');
    is_whole.then(|| {
        if whole == "-0" {
            "0".to_owned()
        } else {
            whole.to_owned()
        }
    })
}

fn of_float(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 {
        return Some("0".to_owned());
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let Decimal { digits, point } = decimal(number.abs());
    let count = i32::try_from(digits.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let written = if count <= point && point <= LARGEST_PLAIN {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= LARGEST_PLAIN {
        let (whole, fraction) = digits.split_at(usize::try_from(point).ok()?);
        format!("{whole}.{fraction}")
    } else if SMALLEST_PLAIN < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let exponent = point - 1;
        let plus = if exponent < 0 { "" } else { "+" };
        let (first, others) = digits.split_at(1);
        let dot = if others.is_empty() { "" } else { "." };
        format!("{first}{dot}{others}e{plus}{exponent}")
    };
    Some(format!("{sign}{written}"))
}

/// The fewest digits that are this number and no other: both languages choose the same ones.
fn decimal(number: f64) -> Decimal {
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    Decimal {
        digits: mantissa.replace('.', ""),
        point: exponent + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn numbers_are_as_javascript_writes_them() {
        // What `JSON.stringify(JSON.parse(…))` gives in Node.js.
        for (came, written) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e5", "0"),
            ("-1.50", "-1.5"),
            ("1E3", "1000"),
            ("1.5e3", "1500"),
            ("12e-1", "1.2"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("1.25e21", "1.25e+21"),
            ("123456789012345678901234.5", "1.2345678901234569e+23"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1.5e-7", "1.5e-7"),
            ("0.1234567890123456789", "0.12345678901234568"),
            ("5e-324", "5e-324"),
            ("1e-400", "0"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            let found = shortest(came).unwrap_or_else(|| came.to_owned());
            assert_eq!(found, written, "{came}");
        }
    }

    #[test]
    fn integers_keep_their_digits_and_what_javascript_cannot_hold_stays() {
        for kept in [
            "0",
            "10",
            "-7",
            "9223372036854775807",
            "99999999999999999999999",
            "1e400",
        ] {
            assert_eq!(shortest(kept), None, "{kept}");
        }
        assert_eq!(
            shortest("12345678901234567890.0").as_deref(),
            Some("12345678901234567890")
        );
    }
}
