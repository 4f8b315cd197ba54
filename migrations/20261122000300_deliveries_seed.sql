-- The day of a fleet that delivers flowers the same day, for every city there is. A city that is added later has no
-- windows, and so no promises, until somebody adds them.
-- Undo: delete from delivery_windows.

-- Bouquets are bound from nine: whoever orders by then has them before lunch. The last round leaves an hour after its
-- cut-off. On Fridays the Arab cities rest until the noon prayer is over; Britain and Kazakhstan end an hour earlier.
insert into delivery_windows (city_id, weekdays, starts_at, ends_at, cut_off_at)
select cities.id, windows.weekdays, windows.starts_at, windows.ends_at, windows.cut_off_at
from cities
join (values
    (true, '{1,2,3,4,6,7}'::smallint[], time '10:00', time '14:00', time '09:00'),
    (true, '{1,2,3,4,5,6,7}', '14:00', '18:00', '13:00'),
    (true, '{1,2,3,4,5,6,7}', '18:00', '22:00', '19:00'),
    (false, '{1,2,3,4,5,6,7}', '10:00', '14:00', '09:00'),
    (false, '{1,2,3,4,5,6,7}', '14:00', '18:00', '13:00'),
    (false, '{1,2,3,4,5,6,7}', '18:00', '21:00', '18:00')
) as windows (arab, weekdays, starts_at, ends_at, cut_off_at)
    on windows.arab = (cities.market not in ('GB', 'KZ'))
order by cities.market, cities.position, windows.starts_at;
