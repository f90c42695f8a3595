SELECT "opportunityGroups_groups_".key_0, "opportunityGroups_groups_".count
FROM (SELECT "opportunityGroups_".reason_id AS key_0, count(*) AS count
FROM opportunity AS "opportunityGroups_"
WHERE "opportunityGroups_".account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) GROUP BY 1) AS "opportunityGroups_groups_" ORDER BY "opportunityGroups_groups_".key_0 NULLS LAST
LIMIT +? OFFSET +?
-- 1 rows

SELECT concat('{"label":', json_quote("statusReason_".label), '}') AS text_0, "statusReason_keys_"."key" AS owner
FROM json_each(+?) AS "statusReason_keys_" JOIN status_reason AS "statusReason_" ON "statusReason_"."key" = "statusReason_keys_".value
-- 1 rows
