//! Kazakh.

use super::Analytics;
use crate::text::Plural;

pub(super) const ANALYTICS: Analytics = Analytics {
    searches: "Іздеулер",
    lead: "Іздеу — сатып алушының бір ойы: жол-жөнекей терілгені саналмайды. Күндер UTC бойынша.",
    time: "Уақыт",
    last_week: "Соңғы 7 күн",
    last_month: "Соңғы 28 күн",
    last_quarter: "Соңғы 90 күн",
    every_language: "Кез келген тіл",
    share_clicked: "Іздеулердің {percent} басуға әкелді",
    share_nothing: "Олардың {percent} ештеңе таппады",
    found: "Бірдеңе тапты",
    found_nothing: "Ештеңе таппады",
    as_table: "Кесте түрінде",
    day: "Күн",
    clicked: "Басылды",
    top: "Ең жиі",
    query: "Сұрау",
    visitors: "Келушілер",
    position: "Басудың орташа орны",
    carted: "Себетке",
    ordered: "Сатып алынды",
    revenue: "Түсім",
    repair: "Түзету",
    add_synonym: "Синоним қосу",
    add_rule: "Ереже қосу",
    nothing_lead: "Осылардың әрқайсысы сатып алушыны кетірді. Синоним не айтылғанын білдіреді, ереже жақынын көрсетеді.",
    all_found: "Барлық іздеулер бірдеңе тапты.",
    none: "Бұл уақытта іздеу болған жоқ",
    none_lead: "Олар іздеуден кейін бірден осында шығады. Ұзағырақ уақытты не басқа елді таңдаңыз, немесе дүкенде іздеп көріңіз.",
    searches_count: Plural::Same { other: "{n} іздеу" },
};
