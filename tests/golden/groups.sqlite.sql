SELECT "quoteGroups_groups_".key_0, "quoteGroups_groups_".key_1, "quoteGroups_groups_".key_2, "quoteGroups_groups_".key_3, "quoteGroups_groups_".count, "quoteGroups_groups_".total_0, "quoteGroups_groups_".total_1, "quoteGroups_groups_".total_2, "quoteGroups_groups_".total_3, "quoteGroups_groups_".total_4
FROM (SELECT "quoteGroups_".status AS key_0, "quoteGroups_".account_id AS key_1, local_month("quoteGroups_".created_at, +?) AS key_2, "quoteGroups_".currency_code AS key_3, count(*) AS count, sum("quoteGroups_".total / 1000000) AS total_0, sum("quoteGroups_".total % 1000000) AS total_1, count("quoteGroups_".total) AS total_2, min("quoteGroups_".total) AS total_3, max("quoteGroups_".total) AS total_4
FROM quote AS "quoteGroups_"
WHERE "quoteGroups_".total > +? GROUP BY 1, 2, 3, 4) AS "quoteGroups_groups_" ORDER BY "quoteGroups_groups_".key_0 NULLS LAST, "quoteGroups_groups_".key_1 NULLS LAST, "quoteGroups_groups_".key_2 NULLS LAST, "quoteGroups_groups_".key_3 NULLS LAST
LIMIT +? OFFSET +?
-- 3 rows

SELECT concat('{"name":', json_quote(account_.name), '}') AS text_0, account_keys_."key" AS owner
FROM json_each(+?) AS account_keys_ JOIN account AS account_ ON account_.id = unhex(account_keys_.value)
-- 2 rows
