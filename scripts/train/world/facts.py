"""The little that the mind knows by heart: words in four languages, and what some things are."""

from __future__ import annotations

LANGUAGES = ("spanish", "french", "german", "italian")

TRANSLATIONS = {
    "apple": "manzana pomme Apfel mela", "bread": "pan pain Brot pane", "water": "agua eau Wasser acqua",
    "dog": "perro chien Hund cane", "cat": "gato chat Katze gatto", "house": "casa maison Haus casa",
    "friend": "amigo ami Freund amico", "sun": "sol soleil Sonne sole", "sea": "mar mer Meer mare",
    "milk": "leche lait Milch latte", "book": "libro livre Buch libro", "love": "amor amour Liebe amore",
    "rain": "lluvia pluie Regen pioggia", "door": "puerta porte Tür porta", "school": "escuela école Schule scuola",
    "doctor": "doctor docteur Arzt dottore", "hello": "hola bonjour hallo ciao", "night": "noche nuit Nacht notte",
    "chair": "silla chaise Stuhl sedia", "coffee": "café café Kaffee caffè",
    "sister": "hermana sœur Schwester sorella", "brother": "hermano frère Bruder fratello",
    "table": "mesa table Tisch tavolo", "window": "ventana fenêtre Fenster finestra",
    "garden": "jardín jardin Garten giardino", "heart": "corazón cœur Herz cuore",
    "money": "dinero argent Geld denaro", "world": "mundo monde Welt mondo", "lamp": "lámpara lampe Lampe lampada",
    "mother": "madre mère Mutter madre", "father": "padre père Vater padre", "blue": "azul bleu blau blu",
    "red": "rojo rouge rot rosso", "egg": "huevo œuf Ei uovo", "kitchen": "cocina cuisine Küche cucina",
    "bank": "banco banque Bank banca", "hand": "mano main Hand mano", "goodbye": "adiós adieu tschüss arrivederci",
    "good morning": "buenos_días bonjour guten_Morgen buongiorno", "thank you": "gracias merci danke grazie",
    "please": "por_favor s'il_vous_plaît bitte per_favore", "sorry": "perdón pardon Entschuldigung scusa",
    "street": "calle rue Straße strada", "happy": "feliz heureux glücklich felice",
    "space": "espacio espace Raum spazio", "history": "historia histoire Geschichte storia",
    "green": "verde vert grün verde", "white": "blanco blanc weiß bianco", "black": "negro noir schwarz nero",
    "room": "habitación chambre Zimmer camera", "car": "coche voiture Auto macchina", "tea": "té thé Tee tè",
    "shoes": "zapatos chaussures Schuhe scarpe", "yes": "sí oui ja sì", "no": "no non nein no",
    "man": "hombre homme Mann uomo", "woman": "mujer femme Frau donna", "child": "niño enfant Kind bambino",
    "bed": "cama lit Bett letto", "fish": "pescado poisson Fisch pesce", "cheese": "queso fromage Käse formaggio",
    "morning": "mañana matin Morgen mattina", "evening": "tarde soir Abend sera", "year": "año année Jahr anno",
    "month": "mes mois Monat mese", "time": "tiempo temps Zeit tempo", "light": "luz lumière Licht luce",
    "shop": "tienda magasin Laden negozio", "letter": "carta lettre Brief lettera", "name": "nombre nom Name nome",
    "head": "cabeza tête Kopf testa", "eye": "ojo œil Auge occhio", "ear": "oreja oreille Ohr orecchio",
    "foot": "pie pied Fuß piede", "big": "grande grand groß grande", "small": "pequeño petit klein piccolo",
    "good": "bueno bon gut buono", "cold": "frío froid kalt freddo", "warm": "cálido chaud warm caldo",
    "one": "uno un eins uno", "two": "dos deux zwei due", "three": "tres trois drei tre", "ten": "diez dix zehn dieci",
    "good night": "buenas_noches bonne_nuit gute_Nacht buona_notte", "song": "canción chanson Lied canzone",
    "question": "pregunta question Frage domanda", "answer": "respuesta réponse Antwort risposta",
    "shirt": "camisa chemise Hemd camicia", "jacket": "chaqueta veste Jacke giacca", "clock": "reloj horloge Uhr orologio",
    "phone": "teléfono téléphone Telefon telefono", "nurse": "enfermera infirmière Krankenschwester infermiera",
    "pain": "dolor douleur Schmerz dolore", "medicine": "medicina médicament Medizin medicina",
    "tomorrow": "mañana demain morgen domani", "today": "hoy aujourd'hui heute oggi", "sad": "triste triste traurig triste",
    "day": "día jour Tag giorno", "week": "semana semaine Woche settimana", "winter": "invierno hiver Winter inverno",
}

DEFINITIONS = {
    "history": "History is the story of what people did before us.",
    "the internet": "The internet is a network that connects computers all over the world.",
    "wifi": "Wifi connects your devices to the internet without a cable.",
    "a router": "A router is a box that shares the internet with your devices.",
    "a warranty": "A warranty is a promise to fix or replace an item that breaks.",
    "blood pressure": "Blood pressure is how hard your blood presses when your heart beats.",
    "an allergy": "An allergy is when your body reacts badly to something like food.",
    "a fever": "A fever is when your body is too warm because you are sick.",
    "space": "Space is everything beyond the air around our world.",
    "the sun": "The sun is a very hot star that gives us light and heat.",
    "the sea": "The sea is the salt water that covers most of the world.",
    "rain": "Rain is water that falls from the clouds.",
    "the weather": "The weather is what the air does, like rain, sun or snow.",
    "a subscription": "A subscription is something that you pay for every month.",
    "a discount": "A discount makes the price of an item smaller.",
    "an invoice": "An invoice is a list that says how much you have to pay.",
    "a receipt": "A receipt is a paper that shows what you paid.",
    "the heart": "The heart moves the blood through your body.",
    "sleep": "Sleep is the rest that your body needs every night.",
    "time": "Time is what we count in hours, days and years.",
    "money": "Money is what people use to pay for things.",
    "a robot": "A robot is a machine that can do work for people.",
    "a battery": "A battery keeps power so that a device can work.",
    "the moon": "The moon is a ball of rock that moves around our world.",
    "a sentence": "A sentence is a group of words that says something.",
    "music": "Music is sound that people like to hear.",
    "coffee": "Coffee is a warm drink made from small brown beans.",
    "bread": "Bread is a food made from flour and water.",
    "the alphabet": "The alphabet is all the letters of a language.",
    "a password": "A password is a secret word that opens your account.",
    "credit": "Credit is money that you use now and pay back later.",
    "a verb": "A verb is a word for something that you do.",
    "a language": "A language is the words that people use to talk.",
    "language": "Language is the words that people use to talk.",
    "a prescription": "A prescription is a note from a doctor for your medicine.",
    "electricity": "Electricity is the power that makes lamps and devices work.",
    "the world": "The world is the place where all people live.",
    "a credit card": "A credit card lets you buy now and pay later.",
    "a bank": "A bank keeps your money safe.",
    "color": "Color is what our eyes see in light, like red or blue.",
    "sound": "Sound is something that moves in the air and that we hear.",
    "a refund": "A refund is money that you get back for something you paid.",
    "a bill": "A bill says how much money you have to pay.",
    "a fee": "A fee is money that you pay for a service.",
    "shipping": "Shipping is how a package gets from the store to you.",
    "a delivery": "A delivery is when someone brings you what you ordered.",
    "a package": "A package is a box with something that was sent to you.",
    "an exchange": "An exchange is when you give back an item and get another one.",
    "stock": "Stock is what a store has to sell right now.",
    "a sale": "A sale is when a store sells things for less money.",
    "a customer": "A customer is a person who buys something.",
    "a payment": "A payment is money that you give for something.",
    "an account": "An account is a place where your name and your money or orders are kept.",
    "an email": "An email is a letter that is sent over the internet.",
    "a network": "A network connects computers so that they can talk.",
    "an error": "An error is when something goes wrong.",
    "an update": "An update makes the program in a device newer and better.",
    "a keyboard": "A keyboard has buttons with letters to write on a computer.",
    "a monitor": "A monitor is the screen of a computer.",
    "a printer": "A printer puts words and pictures on paper.",
    "a camera": "A camera takes pictures.",
    "temperature": "Temperature says how warm or cold something is.",
    "noise": "Noise is sound that we do not like to hear.",
    "a rash": "A rash is red skin that may hurt.",
    "a cough": "A cough pushes air out when your throat feels bad.",
    "a headache": "A headache is pain in your head.",
    "medicine": "Medicine is something you take to feel better when you are sick.",
    "a pharmacy": "A pharmacy is a store that sells medicine.",
    "a clinic": "A clinic is a place where doctors and nurses help sick people.",
    "a nurse": "A nurse takes care of people who are sick.",
    "a patient": "A patient is a person who sees a doctor.",
    "blood": "Blood is the red water in your body that brings air and food to every part.",
    "a lesson": "A lesson is a time when you learn something.",
    "snow": "Snow is rain that is so cold that it turns white.",
    "identity": "Your identity is who you are.",
    "a channel": "A channel is one of the things you can watch on a television.",
    "a reminder": "A reminder tells you what you must not forget.",
    "volume": "Volume is how loud a sound is.",
    "pain": "Pain tells you that something in your body is wrong.",
}


def translation(word: str, language: str) -> str | None:
    """`word` in `language`, or None where the mind does not know it."""
    if word not in TRANSLATIONS or language not in LANGUAGES:
        return None
    return TRANSLATIONS[word].split()[LANGUAGES.index(language)].replace("_", " ")


def definition(concept: str) -> str:
    """What `concept` is, said with or without its article.

    Raises:
        KeyError: the mind does not know it.
    """
    for article in ("", "a ", "an ", "the "):
        if article + concept in DEFINITIONS:
            return DEFINITIONS[article + concept]
    raise KeyError(concept)
