SELECT "quoteGroups_groups_".key_0, "quoteGroups_groups_".key_1, "quoteGroups_groups_".key_2, "quoteGroups_groups_".key_3, "quoteGroups_groups_".count, "quoteGroups_groups_".total_0, "quoteGroups_groups_".total_1, "quoteGroups_groups_".total_2, "quoteGroups_groups_".total_3, "quoteGroups_groups_".total_4
FROM (SELECT "quoteGroups_".status AS key_0, "quoteGroups_".account_id AS key_1, to_char(timezone(%(zone)s::VARCHAR, "quoteGroups_".created_at), 'YYYY-MM') AS key_2, "quoteGroups_".currency_code AS key_3, count(*) AS count, sum("quoteGroups_".total / 1000000) AS total_0, sum("quoteGroups_".total %% 1000000) AS total_1, count("quoteGroups_".total) AS total_2, min("quoteGroups_".total) AS total_3, max("quoteGroups_".total) AS total_4
FROM quote AS "quoteGroups_"
WHERE "quoteGroups_".total > %(where_1)s::BIGINT GROUP BY 1, 2, 3, 4) AS "quoteGroups_groups_" ORDER BY ("quoteGroups_groups_".key_0 COLLATE "C") NULLS LAST, "quoteGroups_groups_".key_1 NULLS LAST, ("quoteGroups_groups_".key_2 COLLATE "C") NULLS LAST, ("quoteGroups_groups_".key_3 COLLATE "C") NULLS LAST
LIMIT %(limit)s::INTEGER
-- 3 rows

SELECT concat('{"name":', json_scalar(account_.name), '}') AS text_0, CAST(account_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS account_keys_(value) JOIN account AS account_ ON account_.id = account_keys_.value
-- 2 rows
