"""Words the offline judge knows: small words, a general thesaurus, and what physical ideas sound like in English.

Nothing here is taken from a puzzle of this project; a puzzle's own words come from its `cues`.
"""

FUNCTION = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "it's",
        "he",
        "she",
        "they",
        "them",
        "their",
        "we",
        "us",
        "our",
        "you",
        "your",
        "i",
        "me",
        "my",
        "mine",
        "who",
        "whom",
        "which",
        "what",
        "there",
        "here",
        "and",
        "or",
        "but",
        "nor",
        "so",
        "if",
        "then",
        "than",
        "because",
        "as",
        "while",
        "when",
        "where",
        "until",
        "till",
        "since",
        "although",
        "though",
        "unless",
        "whether",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "without",
        "into",
        "onto",
        "out",
        "up",
        "down",
        "over",
        "under",
        "off",
        "about",
        "above",
        "below",
        "between",
        "through",
        "during",
        "before",
        "after",
        "again",
        "against",
        "along",
        "across",
        "around",
        "behind",
        "beside",
        "near",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "doing",
        "done",
        "have",
        "has",
        "had",
        "having",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "not",
        "no",
        "never",
        "neither",
        "none",
        "nothing",
        "only",
        "just",
        "very",
        "too",
        "also",
        "even",
        "still",
        "already",
        "yet",
        "both",
        "each",
        "every",
        "all",
        "any",
        "some",
        "such",
        "more",
        "most",
        "much",
        "many",
        "few",
        "less",
        "least",
        "other",
        "another",
        "own",
        "same",
        "one's",
        "how",
        "why",
        "now",
        "once",
        "that's",
        "there's",
        "i'd",
        "i'm",
        "i'll",
        "we'll",
        "you'll",
        "they're",
        "isn't",
        "don't",
        "doesn't",
        "can't",
        "won't",
        "let",
        "let's",
        "via",
        "per",
    ]
)

FILLER = frozenset(
    [
        "use",
        "used",
        "using",
        "uses",
        "make",
        "makes",
        "made",
        "making",
        "get",
        "gets",
        "getting",
        "got",
        "thing",
        "things",
        "way",
        "ways",
        "carefully",
        "gently",
        "slowly",
        "firmly",
        "properly",
        "correctly",
        "simply",
        "easily",
        "quickly",
        "tightly",
        "well",
        "good",
        "order",
        "step",
        "steps",
        "solution",
        "puzzle",
        "room",
        "first",
        "second",
        "third",
        "finally",
        "next",
        "needed",
        "need",
        "needs",
        "required",
        "require",
        "item",
        "items",
        "available",
        "possible",
        "able",
        "sure",
        "ensure",
        "allow",
        "help",
        "helps",
        "identify",
        "realize",
        "recognize",
        "understand",
        "note",
        "see",
        "notice",
        "create",
        "put",
        "place",
        "set",
        "go",
        "goes",
        "come",
        "take",
        "keep",
        "start",
        "begin",
        "end",
        "until",
        "enough",
        "like",
    ]
)

FOREIGN = {
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "und",
            "ist",
            "nicht",
            "ein",
            "eine",
            "mit",
            "den",
            "dem",
            "des",
            "zu",
            "auf",
            "für",
            "von",
            "sich",
            "wird",
            "im",
            "auch",
            "als",
            "an",
            "man",
            "wenn",
            "durch",
            "alle",
            "kein",
            "keine",
            "werden",
            "sind",
            "wurde",
            "dass",
            "oder",
            "bei",
            "nach",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "la",
            "los",
            "las",
            "de",
            "que",
            "y",
            "en",
            "un",
            "una",
            "es",
            "se",
            "no",
            "con",
            "por",
            "para",
            "del",
            "al",
            "lo",
            "como",
            "su",
            "más",
            "pero",
            "sus",
            "este",
            "hasta",
            "si",
            "está",
            "son",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "de",
            "des",
            "et",
            "un",
            "une",
            "est",
            "dans",
            "que",
            "pour",
            "pas",
            "sur",
            "avec",
            "il",
            "elle",
            "se",
            "ce",
            "qui",
            "du",
            "au",
            "aux",
            "par",
            "plus",
            "ne",
            "sont",
            "ou",
            "son",
            "sa",
        ]
    ),
    "it": frozenset(
        [
            "il",
            "lo",
            "la",
            "i",
            "gli",
            "le",
            "di",
            "che",
            "e",
            "un",
            "una",
            "è",
            "in",
            "con",
            "per",
            "non",
            "si",
            "del",
            "della",
            "dei",
            "al",
            "nel",
            "sono",
            "come",
            "da",
        ]
    ),
    "pt": frozenset(
        [
            "o",
            "a",
            "os",
            "as",
            "de",
            "que",
            "e",
            "em",
            "um",
            "uma",
            "é",
            "se",
            "não",
            "com",
            "por",
            "para",
            "do",
            "da",
            "dos",
            "das",
            "ao",
            "no",
            "na",
            "mais",
            "como",
        ]
    ),
    "nl": frozenset(
        [
            "de",
            "het",
            "een",
            "en",
            "van",
            "is",
            "niet",
            "in",
            "op",
            "te",
            "dat",
            "met",
            "voor",
            "zijn",
            "die",
            "aan",
            "er",
            "om",
            "door",
            "als",
        ]
    ),
}

# One group a line: words that mean the same thing as far as a step of a plan goes.
GROUPS = tuple(
    line
    for line in """
pour fill add tip empty top flood decant trickle
press push squash squeeze shove jam depress thrust
pull draw tug haul drag tow yank reel heave
lift raise hoist elevate rise ascend
lower drop descend sink fall
take grab pick retrieve fetch remove extract seize collect grasp recover catch fish pluck pinch
turn rotate spin twist revolve swivel crank dial
turn switch flip activate power
open unlock unlatch unseal
close shut seal block plug cover stop cork
tie knot bind fasten attach connect join link secure fix hook clip couple splice lash glue tape chain
cut tear rip split shred slice snip
shine aim point direct sweep scan illuminate beam pan light
look inspect examine check observe watch study view survey
find locate discover spot detect identify search
read decode decipher translate decrypt
heat warm boil burn flame hot
cool chill freeze cold ice refrigerate
melt thaw liquefy soften
wait pause patience linger
dim darken dark off extinguish blackout
clean wipe dust rinse wash polish scrub
float buoy buoyant rise ride bob swim
hit strike knock tap bang beat rap hammer
hear listen sound hum tone note
shake vibrate oscillate wobble rattle swing
bend curve flex bow warp
roll wheel trundle
slide slip glide skid
blow puff breathe exhale
suck inhale siphon draw
insert feed thread poke slot push slip pass stick
pass throw toss lob hand send run stretch lead
wrap wind coil loop circle
hang suspend dangle drape
balance poise counterweight counterbalance equilibrium
stack pile heap
press touch contact
align line match opposite face facing meet
mirror reflect reflection reflector glass
lens magnify focus focusing magnifier
string rope cord thread line twine lace cable chain
rod stick pole bar dowel shaft staff cane
board plank beam slat
stone rock pebble brick
can tin
lid top cap cover
hole gap opening slot slit
button key digit number switch
keypad pad buttons lock
wall side edge
floor ground
bottom base underside foot
lamp light torch flashlight bulb
water liquid fluid
bottle flask jug container vessel
cup mug beaker
paper sheet page
strip ribbon band shred
metal iron steel
magnet magnetic
coin penny
battery cell batteries
wire cable lead conductor
foil aluminium aluminum
key
letter character symbol
message text writing inscription
weight mass load heavy
ball sphere
tube pipe cylinder hose
surface skin face
together jointly cooperate coordinate collaborate team partner teamwork both simultaneously unison
hold grip clamp clasp
slowly gradual
measure gauge weigh
lean tilt incline slope ramp
lever pry prise pivot fulcrum
move shift position carry bring transport steer
reach arrive
strong firm hard
residue trace smear smudge print fingerprint oil grease mark stain
identify marked glowing lit glow gleam luminous shining
enter press type punch
wet damp moist moisten soak dampen
dry
rub stroke brush scrape
charge charged static
sprinkle scatter spread dust powder
fold crease pleat
point tip end
break snap crack shatter smash
release loose free
spring elastic rubber stretch
fit insert match
test try
compare match
count number
near close approach bring next
tool implement device rope instrument improvise contraption
""".strip().splitlines()
    if line.strip()
)

# A physical idea: words that name it in a puzzle | phrases that show it in an answer. Stems are compared; "a+b" wants
# both in one sentence.
CONCEPTS: tuple[tuple[str, str], ...] = tuple(
    (a.strip(), b.strip())
    for a, b in (
        line.split("|")
        for line in """
buoyancy buoyant archimedes flotation float | buoyancy, buoyant, archimedes, upthrust, float, upward+push, upward+force, lift+ball, water+carry, pushed+up
displacement displace | displace, displacement, drive+air, push+air, take+place, water+rise, level+rise, raise+level, make+way
density dense | density, dense, lighter, heavier, light+air, lighter+water, specific+gravity, weigh+volume, per+cubic
fluorescence fluoresce uv ultraviolet phosphorescence | fluoresce, fluorescence, glow, re-emit, absorb+emit, ultraviolet+visible, luminous
fingerprint residue | fingerprint, residue, skin+oil, sweat, grease, fat, smear, smudge, oil, print
light optics contrast visibility ambient | ambient, contrast, bright, dark, visible+light, drown, faint, outshine, overpower, mask, dim
reflection mirror | reflect, reflection, mirror, bounce, angle+incidence, angle+equal
refraction refract | refract, refraction, bend+light, snell, index
lens focus focusing magnification | focus, focal, magnify, converge, concentrate+light, enlarge, image
shadow rectilinear straight | shadow, straight+line, block+light, silhouette
polarization polarised | polarize, polarise, crossed
colour color filter wavelength spectrum absorption | colour, color, filter, wavelength, spectrum, absorb
suction vacuum | suction, vacuum, atmospheric, air+pressure, lower+pressure, pressure+difference, expel+air, squeeze+air, outside+press
pressure atmospheric hydrostatic pneumatic | pressure, atmosphere, atmospheric, squeeze, compress, per+area, bar, pascal
siphon | siphon, lower+level, downhill, gravity+flow, column
capillary wicking | capillary, wick, soak, draw+fibre, surface+tension
adhesion adhere stick | adhesion, adhere, stick, cling, smooth, close+contact, hold+tight, tack, glue
cohesion surface tension | surface+tension, cohesion, meniscus, film, skin+water
force multiplication advantage mechanical | multiply, larger+force, greater+force, more+force, stronger, advantage, newton, pressure+area, area+pressure, force+beyond, amplify, leverage
leverage lever torque moment | lever, leverage, fulcrum, pivot, torque, moment, arm, crowbar, seesaw
pulley | pulley, halve, redirect, advantage
inclined wedge ramp | ramp, incline, slope, wedge
friction | friction, grip, rub, cling, rough, slip, traction, scrape, drag
tension tensile | tension, tensile, taut, tight, pull, stretch, tear, strength, strand
rigidity stiffness structure structural strength shape | stiff, rigid, strong, bend, fold, tube, corrugate, strength, brace
elasticity elastic spring | elastic, spring, stretch, rebound, restore, snap+back, hooke, bounce
tool creation making improvisation improvise | tool, improvise, build, rope, home-made, construct, fashion, craft, makeshift, single+short
collaborative collaboration cooperation coordination teamwork together working mechanics communication synchronization | together, team, cooperate, coordinate, collaborate, partner, both, each+other, call, in step, at+same+time, simultaneous, sync, signal, count
alignment align | align, line, opposite, face, against+another, bring+together, setting, position, match+up
rotational rotation symmetry symmetric | rotate, rotation, symmetry, symmetric, half+turn, turn+back, thirteen, 13, same+after, direction
pattern mapping matching correspondence substitution | pattern, map, match, substitution, correspond, partner, pair, stand+for, replace, rule, shift
inertia newton momentum | inertia, inertial, momentum, keep+moving, stay+put, stay+rest, tend+rest, sudden, jerk
gravity weight gravitational | gravity, gravitational, weight, fall, downhill, pull+down
centripetal centrifugal circular | centripetal, centrifugal, spin, outward, whirl, circular
energy conservation kinetic potential | energy, kinetic, potential, convert, height+speed
pendulum period | pendulum, swing, period, length
resonance resonant frequency natural | resonance, resonant, frequency, natural, amplify, in+time, hertz
vibration oscillation | vibrate, vibration, oscillate, shake, tremble, wave
sound acoustic conduction propagation transmission | sound, acoustic, wave, travel, conduct, carry, hear, listen, vibration, transmit
echo reflection sound | echo, reflect, bounce, return
pitch tone | pitch, tone, higher, lower, note, frequency, shorter
string tight solid | string, taut, vibration, solid
damping absorption soft | damp, muffle, absorb, soft, quiet
heat transfer conduction thermal conductivity conductor | conduct, conduction, heat+flow, heat+travel, heat+through, conductivity, warm+through, metal+heat, carry+heat, thermal
expansion thermal contraction | expand, expansion, swell, grow, widen, larger, bigger, contract, shrink, loosen
convection | convection, warm+air, hot+air, rise, current
radiation infrared radiant | radiate, radiation, infrared, absorb
melting melt phase change latent solidification freezing | melt, freeze, solid, liquid, latent, phase, thaw, solidify, melting+point, ice
evaporation evaporate cooling | evaporate, evaporation, dry, cool, vapour, vapor
condensation condense dew humidity | condense, condensation, fog, dew, mist, vapour, vapor, droplet
boiling vapour steam | boil, steam, vapour, vapor
insulation insulator insulating | insulate, insulation, insulator, keep+warm, air+trap, slow+heat
gas law ideal volume temperature boyle charles | expand, gas, volume, pressure, temperature, shrink, boyle, charles, heat+air, cool+air
magnetism magnetic attraction ferromagnetism ferromagnetic | magnet, magnetic, attract, ferromagnetic, iron, steel, pole, pull
induction electromagnetic eddy | induce, induction, eddy, moving+magnet, current, field
electromagnet electromagnetism | electromagnet, coil, current, winding, field
compass field | compass, needle, north, field
circuit current electrical conductivity conduction closed | circuit, current, conduct, loop, complete, electron, electricity, flow
static electrostatic electricity charge triboelectric | static, charge, electrostatic, attract, rub, electron, cling
polarity series battery voltage | polarity, plus, minus, positive, series, voltage, volt, terminal
resistance heating joule | resistance, heat, glow, current, short
balance equilibrium | balance, equilibrium, counterweight, equal, even, steady, level, torque, moment
centre center mass gravity stability | centre+mass, center+mass, centre+gravity, center+gravity, stable, stability, topple, tip+over, base, heavy+end
geometry triangulation similar triangles | angle, triangle, similar, proportion, ratio, diagonal, circle, straight, geometry
area volume proportion | area, volume, proportion, ratio, double
measurement | measure, length, compare, ruler, mark
adhesive bonding | glue, stick, tape, bond
lubrication lubricant | lubricate, oil, slippery, soap, grease, slick, friction
viscosity viscous | viscous, thick, flow, honey, slow
granular jamming | grain, sand, rice, jam, lock, pack
absorption porous capillarity | absorb, soak, porous, swell
osmosis swelling | swell, soak, water+enter, expand
continuity flow bernoulli airflow | flow, fast+air, blow, stream, bernoulli, low+pressure, jet
load distribution weight pressure | spread, distribute, share, area, load, weight
""".strip().splitlines()
    )
)
