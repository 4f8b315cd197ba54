//! Arabic.

use super::Analytics;
use crate::text::Plural;

pub(super) const ANALYTICS: Analytics = Analytics {
    searches: "عمليات البحث",
    lead: "عملية البحث فكرة واحدة للمتسوق: ما كُتب في الطريق إليها لا يُحسب. الأيام بتوقيت UTC.",
    time: "المدة",
    last_week: "آخر ٧ أيام",
    last_month: "آخر ٢٨ يومًا",
    last_quarter: "آخر ٩٠ يومًا",
    every_language: "كل اللغات",
    share_clicked: "{percent} من عمليات البحث أدت إلى نقرة",
    share_nothing: "{percent} منها لم تجد شيئًا",
    found: "وجدت شيئًا",
    found_nothing: "لم تجد شيئًا",
    as_table: "كجدول",
    day: "اليوم",
    clicked: "نُقر فيها",
    top: "الأكثر بحثًا",
    query: "عبارة البحث",
    visitors: "الزوار",
    position: "متوسط موضع النقرات",
    carted: "أضيف إلى السلة",
    ordered: "اشتُري",
    revenue: "الإيراد",
    repair: "الإصلاح",
    add_synonym: "أضف مرادفًا",
    add_rule: "أضف قاعدة",
    nothing_lead: "كل عبارة من هذه صرفت متسوقًا. المرادف يقول ما المقصود، والقاعدة تعرض شيئًا قريبًا.",
    all_found: "كل عمليات البحث وجدت شيئًا.",
    none: "لا عمليات بحث في هذه المدة",
    none_lead: "تظهر هنا بعد لحظة من بحث المتسوقين. اختر مدة أطول أو بلدًا آخر، أو جرّب البحث في المتجر.",
    searches_count: Plural::Six {
        zero: "لا عمليات بحث",
        one: "عملية بحث واحدة",
        two: "عمليتا بحث",
        few: "{n} عمليات بحث",
        many: "{n} عملية بحث",
        other: "{n} عملية بحث",
    },
};
