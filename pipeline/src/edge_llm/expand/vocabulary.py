"""Everyday words that invented apps are put together from."""

from __future__ import annotations

_THINGS = """
lamp fan heater oven kettle boiler blind curtain door gate window radio speaker screen camera drone
robot printer scanner pump valve sprinkler tank pool sauna shower bath bed chair desk shelf locker
cabinet freezer grill toaster mixer blender washer dryer vacuum mower trimmer saw drill lathe press
kiln loom forge furnace crane lift escalator conveyor truck van bus tram train ferry boat kayak bike
scooter trailer carriage saddle kennel aquarium terrarium hive coop stable barn silo greenhouse
orchard vineyard meadow plot hedge fountain pond well cistern meter sensor beacon siren alarm lock
safe vault till kiosk counter stall booth stage curtain spotlight projector mixer amplifier organ
piano violin drum tuner metronome clock timer calendar diary notebook album map compass telescope
microscope scale thermometer barometer pedometer watch badge ticket voucher coupon invoice receipt
order parcel letter crate pallet shipment container voyage trip tour lesson course exam grade essay
poem chapter recipe menu meal snack drink cocktail wine cheese bread cake jam soup salad pasta
prescription vaccine bandage patient ward clinic dentist vet kennel shelter adoption donation
membership subscription loan mortgage budget bill salary refund deposit payment stock bond fund
portfolio contract claim policy lawsuit permit licence passport visa survey poll vote petition
campaign newsletter article photo clip track playlist podcast episode channel stream game quest
level score team player coach match tournament race lap workout routine stretch run swim ride climb
task project sprint ticket bug release branch build server backup folder file document slide sheet
column chart report query index cluster tunnel bridge road lane signal crossing platform berth
hangar runway gate terminal lounge suite cabin tent campsite trail hut slope piste rink
court field stadium
"""
THINGS = sorted(set(_THINGS.split()))

NUMBERS: tuple[tuple[str, str, int, int], ...] = (
    ("brightness", "percent", 0, 100),
    ("volume", "percent", 0, 100),
    ("temperature", "degrees", -10, 90),
    ("speed", "", 1, 10),
    ("power", "watts", 10, 3000),
    ("pressure", "bar", 1, 12),
    ("humidity", "percent", 20, 95),
    ("height", "centimetres", 10, 240),
    ("width", "millimetres", 5, 900),
    ("depth", "metres", 1, 60),
    ("weight", "kilos", 1, 500),
    ("distance", "kilometres", 1, 800),
    ("duration", "minutes", 1, 240),
    ("delay", "seconds", 1, 90),
    ("interval", "hours", 1, 48),
    ("count", "", 1, 99),
    ("capacity", "litres", 1, 1000),
    ("dose", "grams", 1, 80),
    ("price", "euros", 1, 2000),
    ("limit", "dollars", 10, 5000),
    ("discount", "percent", 5, 70),
    ("tempo", "beats per minute", 40, 220),
    ("angle", "degrees", 0, 180),
    ("zoom", "", 1, 40),
    ("level", "", 1, 20),
    ("priority", "", 1, 5),
    ("rating", "stars", 1, 5),
    ("rotation", "degrees", 0, 359),
    ("frequency", "hertz", 20, 20000),
    ("budget", "pounds", 10, 9000),
    ("quota", "", 1, 300),
    ("gain", "decibels", -20, 20),
)

CHOICES: tuple[tuple[str, str], ...] = (
    ("mode", "eco normal boost silent"),
    ("mode", "auto manual holiday"),
    ("mode", "day night dusk party"),
    ("colour", "red green blue amber white violet"),
    ("color", "black silver gold teal pink"),
    ("size", "small medium large"),
    ("size", "mini regular family giant"),
    ("status", "open closed paused archived"),
    ("status", "draft review approved rejected"),
    ("state", "clean dirty broken reserved"),
    ("side", "left right both"),
    ("direction", "north east south west"),
    ("direction", "up down forward back"),
    ("zone", "front rear middle roof"),
    ("room", "kitchen hall bedroom study cellar attic"),
    ("floor", "ground first second top"),
    ("season", "spring summer autumn winter"),
    ("weekday", "monday tuesday wednesday thursday friday saturday sunday"),
    ("priority", "low normal high urgent"),
    ("format", "pdf csv png json"),
    ("language", "english german french spanish polish"),
    ("currency", "EUR USD GBP JPY CHF"),
    ("genre", "jazz rock folk opera techno"),
    ("style", "plain bold classic modern"),
    ("material", "wood steel glass clay linen"),
    ("flavour", "vanilla lemon mint chocolate ginger"),
    ("fuel", "petrol diesel electric gas"),
    ("unit", "metric imperial"),
    ("period", "hour day week month year"),
    ("role", "owner editor viewer guest"),
    ("channel", "email sms phone post"),
    ("severity", "minor major critical"),
    ("texture", "smooth rough coarse fine"),
    ("strength", "mild medium strong"),
    ("shape", "round square oval star"),
    ("category", "food travel rent fun health"),
    ("department", "sales support finance kitchen garden"),
    ("metal", "copper zinc tin silver"),
    ("crop", "wheat barley oats rye maize"),
    ("animal", "goat sheep horse hen duck"),
)

_PEOPLE = """
Amara Bjorn Chiara Dmitri Elif Farid Greta Hiro Ingrid Jamal Keiko Lars Mei Nadia Omar Priya Quentin
Rosa Stefan Tomasz Ursula Viktor Wanjiru Ximena Yusuf Zoe Agnes Boris Clara Diego Esther Felix Gita
Hassan Irene Jonas Kofi Leila Mateo Noor Olga Pavel Ravi Selma Thabo Uma Vera Wei Yara Zeynep Anton
Bianca Cyrus Dalia Emil Fatima"""
PEOPLE = _PEOPLE.split()

_PLACES = """
Porto Lund Graz Osaka Cusco Tromso Leeds Dakar Hobart Ghent Nantes Turin Sofia Riga Kyiv Bergen Cork
Malaga Basel Utrecht Izmir Lagos Quito Halifax Boston Tampa Salem Perth Busan Pune Tunis
Varna"""
PLACES = _PLACES.split()

_QUALITIES = """
old new spare main second blue quiet golden tall little north far early late big empty frozen sunny
wild tiny silver secret broken lucky rusty velvet paper stone river winter summer morning"""
QUALITIES = _QUALITIES.split()
