-- The ways to pay that a new shop offers, market by market. A way is offered once its provider's account is configured; cash and
-- transfer need none. Labels written by hand.
-- Undo: delete from payment_methods, while no attempt refers to a code.

with ways (market, position, code, kind, connector, brand, hold_s, min_minor, max_minor, ar, en, ru, kk) as (values
    ('KW', 1, 'knet', 'redirect', 'knet', '', 1200, 100, 1000000000000, 'كي نت', 'KNET', 'KNET', 'KNET'),
    ('KW', 2, 'knet-tap', 'redirect', 'tap', 'src_kw.knet', 1200, 100, 1000000000000, 'كي نت عبر تاب', 'KNET by Tap', 'KNET by Tap', 'KNET by Tap'),
    ('KW', 3, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('KW', 4, 'tabby', 'instalments', 'tabby', 'installments', 1200, 1000, 2000000, 'قسّمها مع تابي', 'Split it with Tabby', 'Частями с Tabby', 'Tabby арқылы бөліп төлеу'),
    ('KW', 5, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('KW', 6, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('SA', 1, 'mada', 'card', 'tap', 'src_sa.mada', 1200, 100, 1000000000000, 'مدى', 'mada', 'mada', 'mada'),
    ('SA', 2, 'stc-pay', 'wallet', 'tap', 'src_sa.stcpay', 1200, 100, 1000000000000, 'إس تي سي باي', 'STC Pay', 'STC Pay', 'STC Pay'),
    ('SA', 3, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('SA', 4, 'tabby', 'instalments', 'tabby', 'installments', 1200, 1000, 5000000, 'قسّمها مع تابي', 'Split it with Tabby', 'Частями с Tabby', 'Tabby арқылы бөліп төлеу'),
    ('SA', 5, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('SA', 6, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('AE', 1, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('AE', 2, 'tabby', 'instalments', 'tabby', 'installments', 1200, 1000, 5000000, 'قسّمها مع تابي', 'Split it with Tabby', 'Частями с Tabby', 'Tabby арқылы бөліп төлеу'),
    ('AE', 3, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('AE', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('QA', 1, 'qpay', 'redirect', 'tap', 'src_qa.qpay', 1200, 100, 1000000000000, 'كيو باي', 'QPay', 'QPay', 'QPay'),
    ('QA', 2, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('QA', 3, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('QA', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('BH', 1, 'benefit', 'redirect', 'tap', 'src_bh.benefit', 1200, 100, 1000000000000, 'بنفت', 'Benefit', 'Benefit', 'Benefit'),
    ('BH', 2, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('BH', 3, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('BH', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('OM', 1, 'omannet', 'redirect', 'tap', 'src_omannet', 1200, 100, 1000000000000, 'عُمان نت', 'OmanNet', 'OmanNet', 'OmanNet'),
    ('OM', 2, 'omannet-checkout', 'redirect', 'checkout_com', 'omannet', 1200, 100, 1000000000000, 'عُمان نت عبر تشيك أوت', 'OmanNet by Checkout.com', 'OmanNet by Checkout.com', 'OmanNet by Checkout.com'),
    ('OM', 3, 'cash', 'cash', 'cash', '', 3600, 100, 100000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('OM', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('JO', 1, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('JO', 2, 'cash', 'cash', 'cash', '', 3600, 100, 200000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('JO', 3, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('EG', 1, 'fawry', 'code', 'tap', 'src_eg.fawry', 43200, 500, 1000000000000, 'فوري', 'Fawry', 'Fawry', 'Fawry'),
    ('EG', 2, 'card', 'card', 'tap', 'src_card', 1200, 100, 1000000000000, 'بطاقة', 'Card', 'Карта', 'Карта'),
    ('EG', 3, 'cash', 'cash', 'cash', '', 3600, 100, 1000000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('EG', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('GB', 1, 'klarna', 'instalments', 'stripe', 'klarna', 1200, 1000, 200000, 'كلارنا', 'Klarna', 'Klarna', 'Klarna'),
    ('GB', 2, 'revolut-pay', 'wallet', 'stripe', 'revolut_pay', 1200, 100, 1000000000000, 'ريفولوت باي', 'Revolut Pay', 'Revolut Pay', 'Revolut Pay'),
    ('GB', 3, 'pay-by-bank', 'redirect', 'stripe', 'pay_by_bank', 1200, 100, 1000000000000, 'الدفع من البنك', 'Pay by bank', 'Оплата из банка', 'Банктен төлеу'),
    ('GB', 4, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы'),
    ('KZ', 1, 'kaspi-qr', 'qr', 'kaspi', 'qr', 300, 10000, 1000000000000, 'كاسبي', 'Kaspi QR', 'Kaspi QR', 'Kaspi QR'),
    ('KZ', 2, 'cash', 'cash', 'cash', '', 3600, 10000, 15000000, 'الدفع عند الاستلام', 'Cash on delivery', 'Наличными при получении', 'Алған кезде қолма-қол'),
    ('KZ', 3, 'transfer', 'transfer', 'transfer', '', 172800, 100, 1000000000000, 'تحويل بنكي', 'Bank transfer', 'Банковский перевод', 'Банк аударымы')
), added as (
    insert into payment_methods (market, position, code, kind, connector, brand, hold_s, min_minor, max_minor)
    select market, position, code, kind, connector, brand, hold_s, min_minor, max_minor from ways
    returning id, market, code
)
insert into payment_method_translations (method_id, lang, label)
select added.id, labels.lang, labels.label
from ways
join added using (market, code)
cross join lateral (values ('ar', ways.ar), ('en', ways.en), ('ru', ways.ru), ('kk', ways.kk)) as labels (lang, label);
