"""Whom and what does the demo company deal with? People, products, places and fates: made up, all of them."""

from models.access import Role

USERS = (
    ("Ada Admin", Role.ADMIN),
    ("Selma Sales", Role.SALES),
    ("Tom Field", Role.SALES),
    ("Harbor Trading", Role.PARTNER),
    ("Delta Resellers", Role.PARTNER),
    ("Simon Support", Role.SUPPORT),
)

# Number, name, unit, list price, standard cost, tax percent, quantity places.
PRODUCTS = (
    ("MP-100", "Circulation pump C1", "piece", "489.00", "271.50", "19", 0),
    ("MP-120", "Circulation pump C2", "piece", "689.00", "362.00", "19", 0),
    ("MP-200", "Submersible pump S1", "piece", "1249.00", "702.40", "19", 0),
    ("MP-220", "Submersible pump S2 with float switch", "piece", "1499.90", "840.10", "19", 0),
    ("MP-300", "Booster station B3", "piece", "6850.00", "4120.00", "19", 0),
    ("MP-310", "Booster station B5", "piece", "9990.00", "6015.00", "19", 0),
    ("MP-400", "Dosing pump D1", "piece", "899.95", "455.20", "19", 0),
    ("SP-010", "Shaft seal kit", "piece", "38.50", "11.20", "19", 0),
    ("SP-020", "Impeller set", "piece", "124.75", "52.30", "19", 0),
    ("SP-030", "Control module", "piece", "219.00", "98.00", "19", 0),
    ("SP-040", "Pressure hose", "meter", "9.35", "3.10", "19", 2),
    ("SV-001", "Commissioning", "hour", "115.00", "62.00", "19", 2),
    ("SV-002", "Maintenance contract, year", "piece", "1180.00", "540.00", "19", 0),
    ("SV-003", "Training, day", "day", "950.00", "480.00", "19", 1),
    ("BK-001", "Handbook of pump hydraulics", "piece", "49.90", "18.00", "7", 0),
)

PLACES = (
    "Amber Birch Cedar Dune Elm Fjord Granite Harbor Ivory Juniper Kestrel Lark Maple North Oak Pine"
).split()
TRADES = (
    "Water Works | Heating | Dairy | Brewery | Hospital | Chemicals | Estates | Greenhouses | Paper "
    "Mill | Swimming Baths"
).split(" | ")
FORMS = ("GmbH", "Ltd", "SARL", "AG", "Inc")
FIRST = (
    "Anna Ben Clara David Elif Farid Greta Hugo Ines Jonas Klara Luis Mara Nils Olga Pavel Rosa Sami "
    "Tara Viktor"
).split()
LAST = (
    "Albrecht Bauer Costa Dubois Eriksen Fischer Garcia Hansen Ivanov Jansen Keller Lopez Moreau "
    "Novak Olsen Park"
).split()
CITIES = (
    ("Hamburg", "20457", "DE"),
    ("Vienna", "1010", "AT"),
    ("Lyon", "69002", "FR"),
    ("Utrecht", "3511", "NL"),
)
NEEDS = (
    "Replace pumps that are past their service life.",
    "More pressure on the upper floors.",
    "A dosing line for the new process.",
    "Spare parts and a contract for maintenance.",
)
TIMEFRAMES = ("this month", "this quarter", "next quarter", "this year")

# How far a chain goes, and how many of a hundred end there.
FATES = (
    ("new", 8),
    ("recorded", 6),
    ("disqualified", 8),
    ("reactivated", 2),
    ("qualified", 6),
    ("developing", 7),
    ("lost_early", 5),
    ("drafted", 5),
    ("active", 4),
    ("presented", 8),
    ("revised", 5),
    ("lost", 7),
    ("ordered", 5),
    ("order_canceled", 3),
    ("submitted", 4),
    ("part_fulfilled", 4),
    ("fulfilled", 3),
    ("invoiced", 3),
    ("issued", 4),
    ("part_paid", 3),
    ("paid", 10),
)
