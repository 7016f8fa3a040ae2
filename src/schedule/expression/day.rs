use jiff::civil::Date;

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, ValueSet, number};

/// The day-of-month field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) enum DayOfMonth {
    /// `?`: the other day field decides.
    #[default]
    Unset,
    Days(ValueSet),
    /// `L`.
    Last,
    /// `LW`: the last day from Monday to Friday.
    LastWeekday,
    /// `15W`: the day from Monday to Friday nearest to the 15th, within the month.
    NearestWeekday(u8),
}

/// The day-of-week field; days count from 1 for Sunday.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) enum DayOfWeek {
    /// `?`: the other day field decides.
    #[default]
    Unset,
    Days(ValueSet),
    /// `6L`: the last Friday of the month.
    LastOf(u8),
    /// `3#2`: the second Tuesday of the month.
    Nth(u8, u8),
}

impl DayOfMonth {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "?" => return Ok(Self::Unset),
            "L" | "l" => return Ok(Self::Last),
            _ if text.eq_ignore_ascii_case("LW") => return Ok(Self::LastWeekday),
            _ => {}
        }
        match text.strip_suffix(['W', 'w']) {
            Some(day) => DAY_OF_MONTH
                .value(day)
                .map(|day| Self::NearestWeekday(day as u8))
                .ok_or_else(|| DAY_OF_MONTH.legal.to_owned()),
            None => DAY_OF_MONTH.set(text).map(Self::Days),
        }
    }

    /// Whether it admits two days in a row, also the last of a month and the first of the next.
    pub(super) fn has_neighbours(&self) -> bool {
        match self {
            Self::Days(days) => {
                let last = days.first_from(28).is_some();
                (last && days.contains(1)) || days.iter().any(|day| days.contains(day + 1))
            }
            _ => false,
        }
    }

    /// The first day of a month, from `from` on, that it names.
    fn first_from(&self, from: u8, month: &Month) -> Option<u8> {
        let day = match self {
            Self::Unset => from,
            Self::Days(days) => days.first_from(from.into())? as u8,
            Self::Last => month.length,
            Self::LastWeekday => month.nearest_weekday(month.length),
            Self::NearestWeekday(near) if *near > month.length => return None,
            Self::NearestWeekday(near) => month.nearest_weekday(*near),
        };
        (from..=month.length).contains(&day).then_some(day)
    }
}

impl DayOfWeek {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let legal = || DAY_OF_WEEK.legal.to_owned();
        let day = |text| DAY_OF_WEEK.value(text).map(|day| day as u8);
        if text == "?" {
            return Ok(Self::Unset);
        }
        if let Some((weekday, nth)) = text.split_once('#') {
            let nth = number(nth).filter(|nth| (1..=5).contains(nth));
            return match (day(weekday), nth) {
                (Some(weekday), Some(nth)) => Ok(Self::Nth(weekday, nth as u8)),
                _ => Err(legal()),
            };
        }
        match text.strip_suffix(['L', 'l']) {
            // `L` alone is the last day of the week, which begins on Sunday.
            Some("") => DAY_OF_WEEK.set("SAT").map(Self::Days),
            Some(weekday) => day(weekday).map(Self::LastOf).ok_or_else(legal),
            None => DAY_OF_WEEK.set(&upward(text)).map(Self::Days),
        }
    }

    /// Whether it admits two days in a row.
    pub(super) fn has_neighbours(&self) -> bool {
        match self {
            Self::Days(days) => days.iter().any(|day| days.contains(day % 7 + 1)),
            _ => false,
        }
    }

    /// The first day of a month, from `from` on, that it names.
    fn first_from(&self, from: u8, month: &Month) -> Option<u8> {
        let day = match self {
            Self::Unset => from,
            Self::Days(days) => {
                (from..from + 7).find(|day| days.contains(month.weekday(*day).into()))?
            }
            Self::LastOf(weekday) => month.first_of(*weekday, month.length - 6),
            Self::Nth(weekday, nth) => month.first_of(*weekday, 7 * (nth - 1) + 1),
        };
        (from..=month.length).contains(&day).then_some(day)
    }
}

/// Ranges that end with Sunday as upward ones: `MON-SUN` is how people write every day. Whether
/// Systems Manager takes them nobody has shown, so a lint says so.
fn upward(text: &str) -> String {
    let upward = |item: &str| match item.rsplit_once('-') {
        Some((first, last))
            if last.eq_ignore_ascii_case("SUN") && DAY_OF_WEEK.value(first) != Some(1) =>
        {
            format!("{first}-SAT,SUN")
        }
        _ => item.to_owned(),
    };
    text.split(',').map(upward).collect::<Vec<_>>().join(",")
}

/// What the day fields need to know of a month.
#[derive(Debug)]
pub(super) struct Month {
    first: Date,
    length: u8,
}

impl Month {
    /// `None` if there is no such month.
    pub(super) fn new(year: u16, month: u16) -> Option<Self> {
        let first = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
        let length = u8::try_from(first.days_in_month()).ok()?;
        Some(Self { first, length })
    }

    /// The first day from `from` on that the fields name; one of the two is `?`.
    pub(super) fn first_day_from(
        &self,
        from: u8,
        of_month: &DayOfMonth,
        of_week: &DayOfWeek,
    ) -> Option<u8> {
        match of_month {
            DayOfMonth::Unset => of_week.first_from(from, self),
            _ => of_month.first_from(from, self),
        }
    }

    /// Counted from 1 for Sunday.
    fn weekday(&self, day: u8) -> u8 {
        let first = self.first.weekday().to_sunday_zero_offset() as u8;
        (first + day - 1) % 7 + 1
    }

    /// The first such day of the week from `from` on.
    fn first_of(&self, weekday: u8, from: u8) -> u8 {
        from + (weekday + 7 - self.weekday(from)) % 7
    }

    fn nearest_weekday(&self, day: u8) -> u8 {
        match self.weekday(day) {
            7 if day == 1 => 3,
            7 => day - 1,
            1 if day == self.length => day - 2,
            1 => day + 1,
            _ => day,
        }
    }
}
