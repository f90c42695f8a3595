SELECT nodes_quote_.id AS id_0, concat('","version":', nodes_quote_.version, ',"number":', json_quote(nodes_quote_.number), '}') AS text_1, nodes_quote_keys_."key" AS owner
FROM json_each(+?) AS nodes_quote_keys_ JOIN quote AS nodes_quote_ ON nodes_quote_.id = unhex(nodes_quote_keys_.value)
-- 2 rows

SELECT nodes_account_.id AS id_0, concat('","version":', nodes_account_.version, ',"name":', json_quote(nodes_account_.name), '}') AS text_1, nodes_account_keys_."key" AS owner
FROM json_each(+?) AS nodes_account_keys_ JOIN account AS nodes_account_ ON nodes_account_.id = unhex(nodes_account_keys_.value)
-- 1 rows

SELECT nodes_order_.id AS id_0, concat('","version":', nodes_order_.version, '}') AS text_1, nodes_order_keys_."key" AS owner
FROM json_each(+?) AS nodes_order_keys_ JOIN "order" AS nodes_order_ ON nodes_order_.id = unhex(nodes_order_keys_.value)
-- 0 rows
