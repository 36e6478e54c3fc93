package seed

// culture is where first and last names go together. A name that is not ASCII
// stands before how e-mails spell it.
type culture struct {
	weight      int // of a hundred
	first, last []string
}

var cultures = []culture{
	{
		25,
		[]string{
			"Grace", "Oliver", "Amelia", "Jack", "Hannah", "Samuel", "Charlotte", "Owen", "Isla", "Theo", "Megan", "Callum",
			"Aoife/aoife", "Siobhán/siobhan", "Patrick", "Nora", "Daniel", "Ruth", "Ben", "Eleanor",
		},
		[]string{
			"Walker", "Hughes", "Bennett", "Carter", "Ward", "Foster", "Murphy", "O'Connor/oconnor", "O'Brien/obrien",
			"McAllister/mcallister", "Fitzgerald", "Turner", "Shaw", "Price-Jones/price-jones", "Campbell", "Brooks", "Ellis", "Reid",
		},
	},
	{
		22,
		[]string{
			"Ingrid", "Lars", "Astrid", "Erik", "Freja", "Magnus", "Søren/soren", "Åsa/asa", "Bjørn/bjorn", "Linnéa/linnea", "Sven",
			"Solveig", "Jørgen/jorgen", "Kaisa", "Mikko", "Päivi/paivi", "Tuomas", "Maja",
		},
		[]string{
			"Lindqvist", "Sørensen/sorensen", "Johansson", "Åkesson/akesson", "Bergström/bergstrom", "Dahl", "Nygård/nygard",
			"Virtanen", "Mäkinen/makinen", "Haugen", "Ødegaard/odegaard", "Holm", "Nyström/nystrom", "Korhonen", "Solberg", "Strand",
		},
	},
	{
		12,
		[]string{
			"Lucía/lucia", "Mateo", "Inés/ines", "Tomás/tomas", "Sofía/sofia", "Joaquín/joaquin", "Beatriz", "João/joao", "Catarina",
			"Rafael", "María José/maria.jose", "Iñigo/inigo",
		},
		[]string{
			"García/garcia", "Núñez/nunez", "Ferreira", "de la Cruz/delacruz", "Peña/pena", "Álvarez/alvarez", "Gonçalves/goncalves",
			"Ibáñez/ibanez", "Romero", "Sousa", "Castillo", "Vázquez/vazquez",
		},
	},
	{
		10,
		[]string{
			"Anneliese", "Jürgen/juergen", "Zoë/zoe", "François/francois", "Élodie/elodie", "Matthias", "Léa/lea", "Pieter", "Saskia",
			"Bartłomiej/bartlomiej", "Zofia", "Jiří/jiri", "Ágnes/agnes", "Tamás/tamas",
		},
		[]string{
			"Müller/mueller", "Weiß/weiss", "Lefèvre/lefevre", "D'Angelo/dangelo", "van der Berg/vanderberg", "Kowalczyk",
			"Wójcik/wojcik", "Dvořák/dvorak", "Szabó/szabo", "Schröder/schroeder", "Moreau", "Rossi",
		},
	},
	{
		9,
		[]string{
			"Priya", "Arjun", "Meera", "Rohan", "Ananya", "Vikram", "Fatima", "Imran", "Nusrat", "Sanjay", "Lakshmi", "Kabir",
		},
		[]string{
			"Raman", "Iyer", "Chatterjee", "Patel", "Khan", "Singh", "Reddy", "Rahman", "Kapoor", "Nair", "Siddiqui", "Venkataraghavan",
		},
	},
	{
		7,
		[]string{
			"Kwame", "Ngozi", "Thabo", "Amara", "Chidi", "Zanele", "Abebe", "Wanjirũ/wanjiru", "Olúwaseun/oluwaseun", "Sipho",
		},
		[]string{
			"Mensah", "Okafor", "Dlamini", "Adéyẹmí/adeyemi", "Mwangi", "Nkosi", "Bekele", "Owusu", "Abara", "Diallo",
		},
	},
	{
		5,
		[]string{"由紀/yuki", "健太/kenta", "さくら/sakura", "美咲/misaki", "大輔/daisuke", "陽菜/hina", "翔/sho", "真理子/mariko"},
		[]string{"佐藤/sato", "鈴木/suzuki", "高橋/takahashi", "田中/tanaka", "渡辺/watanabe", "伊藤/ito", "山本/yamamoto", "小林/kobayashi"},
	},
	{
		3,
		[]string{"伟/wei", "芳/fang", "秀英/xiuying", "敏/min", "磊/lei", "静/jing", "민준/minjun", "서연/seoyeon"},
		[]string{"王/wang", "李/li", "张/zhang", "刘/liu", "陈/chen", "杨/yang", "김/kim", "박/park"},
	},
	{
		4,
		[]string{"محمد/mohammed", "فاطمة/fatima", "أحمد/ahmed", "نور/nour", "يوسف/youssef", "מיכל/michal", "יונתן/yonatan", "שירה/shira"},
		[]string{"الحداد/alhaddad", "منصور/mansour", "خليل/khalil", "ناصر/nasser", "כהן/cohen", "לוי/levi", "מזרחי/mizrahi", "פרץ/peretz"},
	},
	{
		3,
		[]string{"Ольга/olga", "Дмитро/dmytro", "Анна/anna", "Мирослав/myroslav", "Ελένη/eleni", "Γιώργος/giorgos"},
		[]string{"Петренко/petrenko", "Шевченко/shevchenko", "Коваль/koval", "Бондар/bondar", "Παπαδόπουλος/papadopoulos", "Νικολάου/nikolaou"},
	},
}

// partners are domains of people who are no employees.
var partners = []string{"brightcode.test", "fjordlogistics.example", "kestrel-audit.example", "pixelbarn.test"}

// stores are the company's shops, and the rest of the world by city.
var stores = []struct{ code, city string }{
	{"OSL-01", "Oslo"},
	{"BGO-01", "Bergen"},
	{"STO-01", "Stockholm"},
	{"GOT-01", "Göteborg"},
	{"CPH-01", "København"},
	{"HEL-01", "Helsinki"},
	{"LON-01", "London"},
	{"LON-02", "London City"},
	{"MAN-01", "Manchester"},
	{"DUB-01", "Dublin"},
	{"AMS-01", "Amsterdam"},
	{"BER-01", "Berlin"},
	{"MUC-01", "München"},
	{"ZRH-01", "Zürich"},
	{"PAR-01", "Paris"},
	{"LYS-01", "Lyon"},
	{"MAD-01", "Madrid"},
	{"LIS-01", "Lisboa"},
	{"MIL-01", "Milano"},
	{"WAW-01", "Warszawa"},
	{"TYO-01", "東京"},
	{"OSA-01", "大阪"},
	{"TLV-01", "תל אביב"},
	{"DXB-01", "دبي"},
	{"NBO-01", "Nairobi"},
}
