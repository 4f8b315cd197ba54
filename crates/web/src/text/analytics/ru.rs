//! Russian.

use super::Analytics;
use crate::text::Plural;

pub(super) const ANALYTICS: Analytics = Analytics {
    searches: "Поиски",
    lead: "Поиск — это одна мысль покупателя: что набиралось по пути, не считается. Дни — по UTC.",
    time: "Время",
    last_week: "Последние 7 дней",
    last_month: "Последние 28 дней",
    last_quarter: "Последние 90 дней",
    every_language: "Любой язык",
    share_clicked: "{percent} поисков привели к клику",
    share_nothing: "{percent} из них ничего не нашли",
    found: "Что-то нашли",
    found_nothing: "Ничего не нашли",
    as_table: "Таблицей",
    day: "День",
    clicked: "С кликом",
    top: "Чаще всего",
    query: "Запрос",
    visitors: "Посетители",
    position: "Среднее место клика",
    carted: "В корзину",
    ordered: "Куплено",
    revenue: "Выручка",
    repair: "Исправить",
    add_synonym: "Добавить синоним",
    add_rule: "Добавить правило",
    nothing_lead: "Каждый такой запрос увёл покупателя. Синоним скажет, что имелось в виду, правило покажет близкое.",
    all_found: "Все поиски что-то нашли.",
    none: "За это время поисков не было",
    none_lead: "Они появляются здесь сразу после поиска. Выберите время побольше или другую страну либо поищите в магазине.",
    searches_count: Plural::Three {
        one: "{n} поиск", few: "{n} поиска", many: "{n} поисков"
    },
};
