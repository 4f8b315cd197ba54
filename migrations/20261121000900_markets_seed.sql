-- The ten markets and their currencies, with country names in the four languages.
-- Sources: ISO 4217 (digits), IANA tz database, national standard VAT rates as of 2026. Names written by hand.
-- Undo: delete from market_translations, markets and currencies, while no city or offer refers to a market.

insert into currencies (code, digits) values
    ('KWD', 3), ('BHD', 3), ('OMR', 3), ('JOD', 3),
    ('SAR', 2), ('QAR', 2), ('AED', 2), ('EGP', 2), ('GBP', 2), ('KZT', 2);

-- Card gateways refuse amounts in three-digit currencies that do not end in 0, hence steps of 10.
-- Tiyn are out of use, hence whole tenge.
-- Shown prices include tax where there is one, as shoppers in these countries expect.
insert into markets
    (position, code, currency, payable_step, languages, time_zone, weekend, tax_rate_bp, tax_inclusive, address_fields, flags)
values
    (1, 'KW', 'KWD', 10, '{ar,en}', 'Asia/Kuwait', '{5,6}', 0, true,
        '{area,block,street,avenue,building,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (2, 'SA', 'SAR', 1, '{ar,en}', 'Asia/Riyadh', '{5,6}', 1500, true,
        '{district,street,building,apartment,short_address}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (3, 'AE', 'AED', 1, '{ar,en}', 'Asia/Dubai', '{6,7}', 500, true,
        '{area,street,building,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (4, 'QA', 'QAR', 1, '{ar,en}', 'Asia/Qatar', '{5,6}', 0, true,
        '{zone,street,building,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (5, 'BH', 'BHD', 10, '{ar,en}', 'Asia/Bahrain', '{5,6}', 1000, true,
        '{area,block,road,building,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (6, 'OM', 'OMR', 10, '{ar,en}', 'Asia/Muscat', '{5,6}', 500, true,
        '{area,way,building,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (7, 'JO', 'JOD', 10, '{ar,en}', 'Asia/Amman', '{5,6}', 1600, true,
        '{area,street,building,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (8, 'EG', 'EGP', 1, '{ar,en}', 'Africa/Cairo', '{5,6}', 1400, true,
        '{district,street,building,floor,apartment,landmark}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}'),
    (9, 'GB', 'GBP', 1, '{en,ar}', 'Europe/London', '{6,7}', 2000, true,
        '{line1,line2,postcode}',
        '{"same_day": true, "address_by_link": false, "cash_on_delivery": false}'),
    (10, 'KZ', 'KZT', 100, '{kk,ru,en}', 'Asia/Almaty', '{6,7}', 1600, true,
        '{district,street,building,entrance,floor,apartment}',
        '{"same_day": true, "address_by_link": true, "cash_on_delivery": true}');

insert into market_translations (market, lang, label)
select names.market, labels.lang, labels.label
from (values
    ('KW', 'الكويت', 'Kuwait', 'Кувейт', 'Кувейт'),
    ('SA', 'المملكة العربية السعودية', 'Saudi Arabia', 'Саудовская Аравия', 'Сауд Арабиясы'),
    ('AE', 'الإمارات العربية المتحدة', 'United Arab Emirates', 'Объединённые Арабские Эмираты', 'Біріккен Араб Әмірліктері'),
    ('QA', 'قطر', 'Qatar', 'Катар', 'Катар'),
    ('BH', 'البحرين', 'Bahrain', 'Бахрейн', 'Бахрейн'),
    ('OM', 'سلطنة عُمان', 'Oman', 'Оман', 'Оман'),
    ('JO', 'الأردن', 'Jordan', 'Иордания', 'Иордания'),
    ('EG', 'مصر', 'Egypt', 'Египет', 'Мысыр'),
    ('GB', 'المملكة المتحدة', 'United Kingdom', 'Великобритания', 'Ұлыбритания'),
    ('KZ', 'كازاخستان', 'Kazakhstan', 'Казахстан', 'Қазақстан')
) as names (market, ar, en, ru, kk)
cross join lateral (values
    ('ar', names.ar), ('en', names.en), ('ru', names.ru), ('kk', names.kk)
) as labels (lang, label);
