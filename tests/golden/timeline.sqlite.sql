SELECT lead_.topic AS topic_0, lead_.id AS id_1, lead_.chain_id AS chain_id_2
FROM lead AS lead_
WHERE lead_.id = ?
-- 1 rows

SELECT timeline_.kind AS kind_0, timeline_.type AS type_1, timeline_.created_at AS created_at_2, timeline_actor_.id AS actor_id_3, timeline_actor_.name AS actor_name_4, "timeline_causedBy_".id AS "causedBy_id_5", "timeline_causedBy_".kind AS "causedBy_kind_6", "timeline_causedBy_".type AS "causedBy_type_7", timeline_.subject_type AS subject_type_8, timeline_.subject_id AS subject_id_9, timeline_.changes AS typed_changes_10, timeline_.to_status AS to_status_11, unhex(timeline_keys_.value) AS owner
FROM json_each(?) AS timeline_keys_ JOIN event AS timeline_ ON timeline_.id IN (SELECT timeline_page_.id
FROM event AS timeline_page_
WHERE timeline_page_.chain_id = unhex(timeline_keys_.value) AND timeline_page_.kind IN (SELECT timeline_where_1_.value
FROM json_each(?) AS timeline_where_1_) ORDER BY timeline_page_.id ASC
LIMIT +? OFFSET ?) LEFT OUTER JOIN user AS timeline_actor_ ON timeline_actor_.id = timeline_.actor_id LEFT OUTER JOIN event AS "timeline_causedBy_" ON "timeline_causedBy_".id = timeline_.caused_by_id ORDER BY timeline_keys_."key", timeline_.id ASC
-- 2 rows

SELECT subject_lead_.id AS id_0, subject_lead_.topic AS topic_1, unhex(subject_lead_keys_.value) AS owner
FROM json_each(?) AS subject_lead_keys_ JOIN lead AS subject_lead_ ON subject_lead_.id = unhex(subject_lead_keys_.value)
-- 1 rows

SELECT subject_quote_.id AS id_0, subject_quote_.number AS number_1, unhex(subject_quote_keys_.value) AS owner
FROM json_each(?) AS subject_quote_keys_ JOIN quote AS subject_quote_ ON subject_quote_.id = unhex(subject_quote_keys_.value)
-- 1 rows

SELECT lines_.description AS description_0, unhex(lines_keys_.value) AS owner
FROM json_each(?) AS lines_keys_ JOIN quote_line AS lines_ ON lines_.id IN (SELECT lines_page_.id
FROM quote_line AS lines_page_
WHERE lines_page_.quote_id = unhex(lines_keys_.value) ORDER BY lines_page_.position ASC, lines_page_.id ASC
LIMIT +? OFFSET ?) ORDER BY lines_keys_."key", lines_.position ASC, lines_.id ASC
-- 1 rows
