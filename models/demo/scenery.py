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

# Name, base unit, and each further unit with how many of the base unit it is.
UNITS = ("Packaging", "piece", (("box", 12), ("pallet", 480)))
# The products that are sold by the packaging, too.
PACKED = frozenset({"SP-010", "SP-020"})
# From how many units on, and percent off.
VOLUME = ((10, 5), (50, 8), (200, 12))
# Number, pricing method, and what it takes; the price list has these products alone.
DEALER_PRICES = (
    ("MP-100", "PERCENT_OF_LIST", "88"),
    ("MP-120", "PERCENT_OF_LIST", "88"),
    ("MP-200", "PERCENT_OF_LIST", "85"),
    ("MP-300", "PERCENT_MARKUP_STANDARD_COST", "45"),
    ("MP-310", "PERCENT_MARGIN_STANDARD_COST", "32"),
    ("SP-010", "CURRENCY_AMOUNT", "34.90"),
    ("SP-020", "CURRENCY_AMOUNT", "112.00"),
    ("SV-001", "PERCENT_OF_LIST", "95"),
)
# Number, name, price; the products that belong to it, and those that may be left out.
BUNDLE = ("MP-900", "Booster station B3, ready to run", "7150.00", ("MP-300", "SP-030"), ("SV-001", "SV-002"))
# Product, related product, and what it is suggested as.
RELATED = (
    ("MP-100", "MP-120", "UP_SELL"),
    ("MP-200", "SP-040", "ACCESSORY"),
    ("MP-300", "SV-001", "CROSS_SELL"),
    ("MP-220", "MP-200", "SUBSTITUTE"),
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

# How far a chain goes, and how many of a round of them end there.
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
    ("recalled", 1),
    ("part_fulfilled", 4),
    ("closed_short", 2),
    ("fulfilled", 3),
    ("returned", 2),
    ("invoiced", 3),
    ("issued", 4),
    ("part_paid", 3),
    ("paid", 10),
)
