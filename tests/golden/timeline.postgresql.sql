SELECT lead_.topic AS topic_0, lead_.id AS id_1, lead_.chain_id AS chain_id_2
FROM lead AS lead_
WHERE lead_.id = %(key)s::UUID
-- 1 rows

SELECT timeline_page_.type_0, timeline_page_.created_at_text_1, timeline_page_.actor_id_2, timeline_page_.actor_name_3, timeline_page_."causedBy_id_4", timeline_page_."causedBy_type_5", timeline_page_."causedBy_kind_6", timeline_page_.subject_type_7, timeline_page_.subject_id_8, timeline_page_.changes_9, timeline_page_.to_status_10, timeline_page_.kind_11, timeline_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS timeline_keys_(value, place) JOIN LATERAL (SELECT timeline_.type AS type_0, to_char(timezone('UTC', timeline_.created_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at_text_1, timeline_actor_.id AS actor_id_2, timeline_actor_.name AS actor_name_3, "timeline_causedBy_".id AS "causedBy_id_4", "timeline_causedBy_".type AS "causedBy_type_5", "timeline_causedBy_".kind AS "causedBy_kind_6", timeline_.subject_type AS subject_type_7, timeline_.subject_id AS subject_id_8, timeline_.changes AS changes_9, timeline_.to_status AS to_status_10, timeline_.kind AS kind_11
FROM event AS timeline_ LEFT OUTER JOIN "user" AS timeline_actor_ ON timeline_actor_.id = timeline_.actor_id LEFT OUTER JOIN event AS "timeline_causedBy_" ON "timeline_causedBy_".id = timeline_.caused_by_id
WHERE timeline_.chain_id = timeline_keys_.value AND timeline_.kind = any(%(where_1)s::TEXT[]) ORDER BY timeline_.id ASC
LIMIT %(limit)s::INTEGER) AS timeline_page_ ON true
-- 2 rows

SELECT subject_lead_.id AS id_0, subject_lead_.topic AS topic_1, subject_lead_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS subject_lead_keys_(value, place) JOIN lead AS subject_lead_ ON subject_lead_.id = subject_lead_keys_.value
-- 1 rows

SELECT subject_quote_.id AS id_0, subject_quote_.number AS number_1, subject_quote_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS subject_quote_keys_(value, place) JOIN quote AS subject_quote_ ON subject_quote_.id = subject_quote_keys_.value
-- 1 rows

SELECT lines_page_.description_0, lines_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS lines_keys_(value, place) JOIN LATERAL (SELECT lines_.description AS description_0
FROM quote_line AS lines_
WHERE lines_.quote_id = lines_keys_.value ORDER BY lines_.position ASC, lines_.id ASC
LIMIT %(limit)s::INTEGER) AS lines_page_ ON true
-- 2 rows
