//! A promise of delivery in words: the day, the part of it, and how long orders for it are still taken.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use souk_api::pipeline::{Deliverable, DeliverySlot};
use souk_base::Lang;

use crate::format::Numbers;
use crate::text::{Text, fill};
use crate::visit::Visit;

/// A cut-off that is further away than this is not counted down to.
const COUNTDOWN_MINUTES_MAX: u64 = 24 * 60;

/// Months as each language writes them in a date (Unicode CLDR 48), by [`Lang::index`].
const MONTHS: [[&str; 12]; 4] = [
    [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
];

/// Days of the week as each language shortens them in a date, Monday first (Unicode CLDR 48), by [`Lang::index`].
const WEEKDAYS: [[&str; 7]; 4] = [
    ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
    ["дс", "сс", "ср", "бс", "жм", "сб", "жс"],
];

/// The time left until a cut-off, which the script counts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Countdown {
    /// What is left, in words.
    pub(crate) words: String,
    /// The same for the script.
    pub(crate) seconds: i64,
    /// The words with `{h}` and `{m}` for hours and minutes.
    pub(crate) with_hours: &'static str,
    /// The words with `{m}` for the minutes of the last hour.
    pub(crate) with_minutes: &'static str,
    /// The ten digits of the page.
    pub(crate) digits: String,
}

/// The field for the day of delivery; there is one where a city is delivered to.
pub(crate) struct DayField {
    /// The chosen day; empty for any.
    pub(crate) value: String,
    /// The first and last day that can be asked for.
    pub(crate) first: String,
    pub(crate) last: String,
}

impl DayField {
    /// The field as a visit has it.
    pub(crate) fn of(visit: &Visit) -> Option<DayField> {
        let today = visit.today()?;
        let last = today.checked_add(Span::new().days(souk_base::HORIZON_DAYS)).ok()?;
        let value = visit.date.map(|date| date.to_string()).unwrap_or_default();
        Some(DayField { value, first: today.to_string(), last: last.to_string() })
    }
}

impl Visit {
    /// The first slot that is promised, such as "Today, 14–18"; none where nothing is.
    pub(crate) fn promise_words(&self, deliverable: Option<&Deliverable>) -> Option<String> {
        let slot = deliverable?.slot.as_ref()?;
        let numbers = self.numbers();
        let [from, to] = [&slot.starts_at, &slot.ends_at].map(|at| clock(at.time(), numbers));
        let words = fill(self.text().promise, "day", &self.day_words(slot.date));
        Some(fill(&fill(&words, "from", &from), "to", &to))
    }

    /// A day near today by name, another by its date.
    pub(crate) fn day_words(&self, day: Date) -> String {
        let text = self.text();
        let today = self.local(self.now).date();
        match day {
            _ if day == today => text.promise_today.to_owned(),
            _ if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) => {
                text.promise_tomorrow.to_owned()
            }
            _ => date_words(day, self.lang, self.numbers()),
        }
    }

    /// A day near today by name, another by its weekday and date.
    pub(crate) fn weekday_words(&self, day: Date) -> String {
        let words = self.day_words(day);
        if words != date_words(day, self.lang, self.numbers()) {
            return words;
        }
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        format!("{}{} {words}", WEEKDAYS[self.lang.index()][weekday], self.comma())
    }

    /// A slot in full, such as "Thu, 26 November, 14–18".
    pub(crate) fn slot_words(&self, day: Date, from: Timestamp, to: Timestamp) -> String {
        format!("{}{} {}", self.weekday_words(day), self.comma(), self.hours_words(from, to))
    }

    const fn comma(&self) -> &'static str {
        if matches!(self.lang, Lang::Ar) { "،" } else { "," }
    }

    /// From when to when, such as 14–18.
    pub(crate) fn hours_words(&self, from: Timestamp, to: Timestamp) -> String {
        let [from, to] = [from, to].map(|at| clock(self.local(at).time(), self.numbers()));
        format!("{from}–{to}")
    }

    /// An instant with its day, such as "Today, 14:05".
    pub(crate) fn moment_words(&self, at: Timestamp) -> String {
        let local = self.local(at);
        format!("{}{} {}", self.day_words(local.date()), self.comma(), self.time_words(&local))
    }

    /// An instant that something lasts until: today's without its day.
    pub(crate) fn deadline_words(&self, at: Timestamp) -> String {
        let (local, numbers) = (self.local(at), self.numbers());
        let time = self.time_words(&local);
        if local.date() == self.local(self.now).date() {
            return time;
        }
        format!("{}{} {time}", date_words(local.date(), self.lang, numbers), self.comma())
    }

    fn time_words(&self, at: &Zoned) -> String {
        self.numbers().plain(&format!("{}:{:02}", at.hour(), at.minute()))
    }

    /// An instant on the clocks of the market.
    pub(crate) fn local(&self, at: Timestamp) -> Zoned {
        let zone = TimeZone::get(&self.market().time_zone).unwrap_or(TimeZone::UTC);
        at.to_zoned(zone)
    }

    /// How long orders for the slot are still taken.
    pub(crate) fn countdown(&self, slot: &DeliverySlot) -> Option<Countdown> {
        let text = self.text();
        let seconds = self.now.duration_until(slot.cut_off_at.timestamp()).as_secs();
        let minutes = u64::try_from(seconds).ok()? / 60;
        (minutes <= COUNTDOWN_MINUTES_MAX).then(|| Countdown {
            words: left_words(minutes, text, self.numbers()),
            // The second that has begun counts, so that no reload comes before the cut-off.
            seconds: seconds + 1,
            with_hours: text.order_within_hours,
            with_minutes: text.order_within_minutes,
            digits: self.numbers().plain("0123456789"),
        })
    }
}

fn left_words(minutes: u64, text: &Text, numbers: Numbers) -> String {
    let (hours, minutes) = (minutes / 60, minutes % 60);
    if hours == 0 {
        return fill(text.order_within_minutes, "m", &numbers.whole(minutes.max(1)));
    }
    let words = fill(text.order_within_hours, "h", &numbers.whole(hours));
    fill(&words, "m", &numbers.whole(minutes))
}

/// A full hour without its minutes.
fn clock(time: Time, numbers: Numbers) -> String {
    match time.minute() {
        0 => numbers.plain(&time.hour().to_string()),
        minute => numbers.plain(&format!("{}:{minute:02}", time.hour())),
    }
}

fn date_words(date: Date, lang: Lang, numbers: Numbers) -> String {
    let month = usize::try_from(date.month() - 1).expect("months begin with 1");
    format!("{} {}", numbers.plain(&date.day().to_string()), MONTHS[lang.index()][month])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use souk_base::CityId;

    use super::*;
    use crate::sample;

    /// What is promised at an instant for the 14th of February, 14 to 18, orders until 13.
    fn visit(lang: Lang, now: &str) -> (Visit, Deliverable) {
        let mut visit = sample::visit("/KW?city=salmiya", lang);
        visit.now = now.parse().unwrap();
        let at = |hour| date(2026, 2, 14).at(hour, 0, 0, 0).to_zoned(zone()).unwrap();
        let slot = DeliverySlot {
            date: date(2026, 2, 14),
            starts_at: at(14),
            ends_at: at(18),
            cut_off_at: at(13),
        };
        let city = CityId::new(285_704);
        (visit, Deliverable { city, available: true, earliest: Some(slot.date), slot: Some(slot) })
    }

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Kuwait").unwrap()
    }

    fn words(lang: Lang, now: &str) -> String {
        let (visit, deliverable) = visit(lang, now);
        visit.promise_words(Some(&deliverable)).unwrap()
    }

    #[test]
    fn a_promise_names_the_day_as_people_do_in_the_city() {
        assert_eq!(words(Lang::En, "2026-02-14T12:00:00+03:00"), "Today, 14–18");
        // Still the 13th in London, but not in Kuwait.
        assert_eq!(words(Lang::En, "2026-02-13T21:30:00Z"), "Today, 14–18");
        assert_eq!(words(Lang::En, "2026-02-13T20:30:00Z"), "Tomorrow, 14–18");
        assert_eq!(words(Lang::En, "2026-02-01T12:00:00Z"), "14 February, 14–18");
        assert_eq!(words(Lang::Ar, "2026-02-14T12:00:00+03:00"), "اليوم، بين ١٤ و١٨");
        assert_eq!(words(Lang::Ru, "2026-02-01T12:00:00Z"), "14 февраля, с 14 до 18");
        assert_eq!(words(Lang::Kk, "2026-02-13T12:00:00Z"), "Ертең, сағат 14–18");
    }

    #[test]
    fn what_is_left_is_counted_in_whole_minutes_and_only_for_a_day() {
        let left = |lang, now| {
            let (visit, deliverable) = visit(lang, now);
            visit.countdown(deliverable.slot.as_ref().unwrap()).map(|left| left.words)
        };

        let of = |words: &str| Some(words.to_owned());
        assert_eq!(left(Lang::En, "2026-02-14T10:49:30+03:00"), of("Order within 2 h 10 min"));
        assert_eq!(left(Lang::En, "2026-02-14T12:59:30+03:00"), of("Order within 1 min"));
        assert_eq!(left(Lang::Ar, "2026-02-14T10:49:30+03:00"), of("اطلب خلال ٢ س ١٠ د"));
        assert_eq!(left(Lang::En, "2026-02-13T12:00:00+03:00"), None);
        let (visit, deliverable) = visit(Lang::Ar, "2026-02-14T12:59:59.5+03:00");
        let countdown = visit.countdown(deliverable.slot.as_ref().unwrap()).unwrap();
        assert_eq!((countdown.seconds, countdown.digits.as_str()), (1, "٠١٢٣٤٥٦٧٨٩"));
    }

    #[test]
    fn half_hours_are_written_out() {
        let numbers = Numbers::of(Lang::En, None);

        assert_eq!(clock(Time::constant(9, 0, 0, 0), numbers), "9");
        assert_eq!(clock(Time::constant(9, 5, 0, 0), numbers), "9:05");
    }

    #[test]
    fn a_day_can_be_asked_for_within_the_horizon_where_a_city_is_delivered_to() {
        let (visit, _) = visit(Lang::En, "2026-02-14T12:00:00Z");
        let field = DayField::of(&visit).unwrap();
        assert_eq!((field.first.as_str(), field.last.as_str()), ("2026-02-14", "2026-04-15"));

        assert!(DayField::of(&sample::visit("/KW", Lang::En)).is_none());
    }

    #[test]
    fn a_day_is_taken_with_a_city_and_remembered_and_an_empty_one_means_any() {
        let tomorrow = Timestamp::now().to_zoned(zone()).date().tomorrow().unwrap();
        let asked = |rest: &str| sample::visit(&format!("/KW?{rest}"), Lang::En);
        let on = format!("city=salmiya&date={tomorrow}&q=x");

        let visit = asked(&on);
        assert_eq!(visit.date, Some(tomorrow));
        assert_eq!(visit.caller.address.to_string(), "/KW?q=x");
        let remembered = visit.caller.remember.last().unwrap().to_str().unwrap();
        assert!(remembered.starts_with(&format!("souk_date={tomorrow}")), "{remembered}");
        for nothing in [format!("date={tomorrow}"), "city=salmiya&date=2020-01-01".to_owned()] {
            assert_eq!(asked(&nothing).date, None, "{nothing}");
        }
        let any = asked("city=salmiya&date=");
        let forgotten = any.caller.remember.last().unwrap().to_str().unwrap();
        assert!(forgotten.starts_with("souk_date=;") && forgotten.ends_with("Max-Age=0"));
    }
}
