-- What a payer is told who pays without a provider: the account that a bank transfer goes to.
-- Undo: drop the column.

alter table payment_method_translations
    -- A line each: bank, account, name. Null where there is nothing to tell.
    add column instructions text,
    add constraint payment_method_translations_instructions_short check (char_length(instructions) <= 1000);
