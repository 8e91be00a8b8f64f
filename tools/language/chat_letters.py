"""Letters, messages and notices with things left open, choices between given answers, and second turns:
texts of our own, put together from parts."""

from chat_sources import Pair

# Request, parts; a part is a choice of sentences. [..] is left open for the reader to fill in.
LETTERS = [
    ("Write an email to my landlord about a heater that does not work.", "Broken Heater",
     [["Dear [landlord],", "Hello [landlord],"],
      ["I live in the flat at [address] and the heater in the [room] has been cold since [date].",
       "Since [date] there has been no warmth from the heater in the [room] of [address]."],
      ["I have checked the valve and the thermostat and both are set as they should be.",
       "Bleeding it did not help and the neighbours have no such trouble."],
      ["Could somebody come and look at it before [day]?", "Please send a plumber by [day]."],
      ["You can reach me at [phone number] after [time].", "I am at home in the evening and my number is [phone number]."],
      ["Kind regards, [name]", "Yours sincerely, [name]"]]),
    ("Draft an invitation to a birthday party.", "You Are Invited",
     [["Dear [guest],", "Hi [guest]!"],
      ["[name] is turning [age] and we would like to celebrate it with you.",
       "There will be cake, music and games when [name] turns [age]."],
      ["The party begins at [time] on [date] and ends when the last song is over.",
       "Come to [address] on [date] at [time]."],
      ["You do not have to bring anything but good humour.", "If you like to bake, bring a [dish] to share."],
      ["Please tell us by [deadline] whether you can come.", "A short message to [phone number] is enough as an answer."],
      ["See you soon, [host]", "We look forward to seeing you, [host]"]]),
    ("Write a cover letter for a job in a bookshop.", "Application",
     [["Dear [manager],"],
      ["I would like to apply for the position of [position] that you advertised in [newspaper].",
       "Your shop on [street] has been my favourite for years and I would be glad to work in it as [position]."],
      ["For [number] years I worked at [company], where I advised customers and kept the shelves in order.",
       "At [company] I learned how to order stock and how to find the right book for a shy customer."],
      ["I read widely, I am patient and I like to talk about what I read.",
       "Colleagues call me reliable, and customers came back to ask for me."],
      ["I could begin on [date] and would be happy to visit you for a talk.",
       "My references are [first reference] and [second reference]."],
      ["Yours sincerely, [name]"]]),
    ("Compose a message to all employees about a new office.", "We Are Moving",
     [["Dear colleagues,", "Dear team,"],
      ["On [date] we move to our new office at [address].", "Our new office at [address] opens its doors on [date]."],
      ["It has room for [number] people, a quiet corner for calls and a kitchen with a long table.",
       "There are desks for all of us and a room for [purpose]."],
      ["Please pack your things into the boxes that you find at [place] before [deadline].",
       "What is not packed by [deadline] will be thrown away."],
      ["Questions about keys are answered by [person].", "[person] has the keys and the plan of seats."],
      ["With best wishes, [director]"]]),
    ("Help me write a complaint about a parcel that never arrived.", "Lost Parcel",
     [["To the customer service of [shop],", "Dear [shop],"],
      ["On [date] I ordered [article] under the number [order number].",
       "My order [order number] was confirmed on [date]."],
      ["According to your page it was delivered but nothing has reached me.",
       "The parcel was to arrive on [delivery date] and I am still waiting for it."],
      ["My neighbours at [address] have not taken it in either.", "I have asked the post office and they know nothing of it."],
      ["Please send it again or return [amount] to my account.", "I expect a new delivery or my money by [deadline]."],
      ["Sincerely, [name]"]]),
    ("Write a notice about a lost cat.", "Lost Cat",
     [["Our cat [name] has been missing since [date].", "Have you seen [name]?"],
      ["She is [colour] with white paws and was last seen near [place].",
       "He wears a [colour] collar and answers to his name."],
      ["She is shy, so please do not chase her.", "Please look into sheds and cellars where he may be locked in."],
      ["Call [phone number] at any time of the day or night.", "Every hint to [phone number] or [email address] helps."],
      ["There is a reward of [amount].", "Whoever brings [name] home gets a cake of their choice."]]),
    ("Write a thank-you note to a teacher.", "Thank You",
     [["Dear [teacher],"],
      ["Thank you for the year in class [class].", "This year with you has changed how I think about [subject]."],
      ["Before it I thought that [subject] was not for me.", "You never laughed at a question, not even at mine about [topic]."],
      ["I will remember the day when [event].", "The trip to [place] is something that I will tell my children about."],
      ["I wish you a restful summer.", "May the next class be as lucky as we were."],
      ["Your student, [name]"]]),
    ("Write an itinerary for a weekend trip.", "A Weekend Away",
     [["On Friday evening you take the train from [city] at [time] and check in at [hotel].",
       "Arrive on Friday at [time] and leave your bags at [hotel]."],
      ["On Saturday morning walk through the old town and have breakfast at [cafe].",
       "Saturday begins with a visit to [museum], before the crowds come."],
      ["After lunch rent a bicycle and ride along the river to [village].", "In the afternoon there is a boat to [island]."],
      ["In the evening try [dish] at [restaurant].", "Book a table at [restaurant] for [number] people."],
      ["Sunday is for the market and a long walk in [park].", "On Sunday sleep late, then climb the tower of [church]."],
      ["The train home leaves at [departure time]."]]),
    ("Write an advertisement for a used bicycle.", "Bicycle for Sale",
     [["For sale: a [colour] bicycle of [brand], [number] years old.", "I am selling my [brand] bicycle."],
      ["It has new tyres, good brakes and a bell that everybody hears.", "The frame size is [size] and the lights work."],
      ["There is a scratch on the [part], which you see in the picture.", "It was always kept indoors."],
      ["The price is [price] and I am open to offers.", "I would like [price] for it."],
      ["Look at it at [address] on [day].", "Call [phone number] between [time] and [time]."]]),
    ("Write a resume summary for a nurse.", "Summary",
     [["[name] is a nurse with [number] years of experience in [department].",
       "Nurse with a degree from [school] and [number] years at [hospital]."],
      ["She has led a team of [team size] and introduced a new plan of shifts.",
       "He has trained [team size] students and written the handbook of the ward."],
      ["Patients praise a calm voice and clear words.", "Strong points are order, patience and a good memory for names."],
      ["Languages: [first language] and [second language].", "Certificates: [certificate], renewed in [year]."],
      ["Available from [date].", "Contact: [email address]."]]),
    ("Write a speech for the opening of a library.", "Opening Speech",
     [["Dear citizens of [town],", "Ladies and gentlemen of [town],"],
      ["for [number] years we have waited for this door to open.", "today we open a house that belongs to all of you."],
      ["Behind it stand [quantity] books, and every one of them is free to read.",
       "There are shelves for [topic], a room for children and a table at every window."],
      ["I thank [sponsor], without whom the roof would still be missing.", "The building was drawn by [architect]."],
      ["Come in, take a book and stay as long as you like.", "The library is open from [time] to [closing time]."]]),
    ("Write a message that cancels a meeting.", "Meeting Cancelled",
     [["Hello [name],", "Dear [name],"],
      ["I am sorry but I have to cancel our meeting on [date].", "our talk about [topic] on [date] cannot take place."],
      ["My train from [city] is late and I would not be there in time.", "A matter at [company] needs me on that day."],
      ["Would [new date] at [time] suit you as well?", "I could offer [new date] or [other date] instead."],
      ["Please accept my apologies.", "Thank you for your patience."],
      ["Best, [sender]"]]),
]

YES = ["Is the Pacific larger than the Atlantic?", "Do whales breathe air?", "Is water made of hydrogen and oxygen?",
       "Can a square be called a rectangle?", "Does the Moon move around the Earth?", "Is seven a prime number?",
       "Are spiders animals?", "Is Lisbon the capital of Portugal?", "Does iron rust in damp air?", "Is honey made by bees?",
       "Do plants need light to grow?", "Was the wheel invented before the steam engine?", "Is a tomato a fruit to a botanist?"]
NO = ["Is the Sun a planet?", "Can penguins fly?", "Is Sydney the capital of Australia?", "Does water boil at 20 degrees?",
      "Is nine a prime number?", "Do fish have fur?", "Is Africa smaller than Europe?", "Can humans breathe under water?",
      "Did Shakespeare write emails?", "Is a whale a fish?", "Does a triangle have four sides?", "Is gold lighter than water?"]
MAYBE = ["Will it snow in Oslo on the first of next month?", "Will my aunt like the scarf that I knitted?",
         "Is there life on a planet of another star?", "Should I paint the kitchen yellow?", "Will our team win on Sunday?",
         "Is my neighbour at home now?", "Will I find a parking space near the market?", "Would you rather have tea?",
         "Does my friend remember my birthday?", "Will the price of rice fall next year?"]
CHOICES = {"My answer is yes.": YES, "My answer is no.": NO, "My answer is maybe.": MAYBE}
CHOICE_WORDS = [
    "{q} Choose one of these: 'My answer is yes.', 'My answer is no.', 'My answer is maybe.'",
    "{q} There are three possible replies: My answer is yes. / My answer is no. / My answer is maybe. Take one of them.",
    "Reply with exactly one of the sentences \"My answer is yes.\", \"My answer is no.\" and \"My answer is maybe.\" {q}",
]

SECOND_TURNS = [
    ("change_case:english_lowercase", ["The same in lowercase, please.", "Now write that without any capital letters."],
     lambda text: text.lower()),
    ("change_case:english_capital", ["Now all of it in capital letters.", "Say that again in upper case."],
     lambda text: text.upper()),
    ("startend:quotation", ["Put your last answer into double quotation marks.",
                            "Once more, with double quotation marks around it."],
     lambda text: '"' + text.replace('"', "'") + '"'),
]


def letters(rng, count):
    for _ in range(count):
        request, title, parts = rng.choice(LETTERS)
        sentences = [rng.choice(part) for part in parts]
        # One from the middle may be missing.
        if len(sentences) > 4 and rng.random() < 0.4:
            del sentences[rng.randrange(1, len(sentences) - 1)]
        yield Pair(request, sentences, title, "letter", "own", [])


def choices(rng, count):
    """(prompt, answer) of questions with given answers."""
    for _ in range(count):
        answer = rng.choice(list(CHOICES))
        yield rng.choice(CHOICE_WORDS).format(q=rng.choice(CHOICES[answer])), answer
