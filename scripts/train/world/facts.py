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
    "pain": "Pain tells you that something in your body is wrong.",
}


def translation(word: str, language: str) -> str | None:
    """`word` in `language`, or None where the mind does not know it."""
    if word not in TRANSLATIONS or language not in LANGUAGES:
        return None
    return TRANSLATIONS[word].split()[LANGUAGES.index(language)].replace("_", " ")
