BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('1.0');
CREATE TABLE bets (
	"plan" VARCHAR(64) NOT NULL, 
	bets INTEGER NOT NULL, 
	hits INTEGER NOT NULL, 
	PRIMARY KEY ("plan")
);
CREATE TABLE classes (
	code VARCHAR(8) NOT NULL, 
	teacher VARCHAR(64) NOT NULL, 
	title VARCHAR(120) NOT NULL, 
	made FLOAT NOT NULL, 
	until FLOAT NOT NULL, 
	content INTEGER NOT NULL, 
	run BLOB NOT NULL, 
	seats INTEGER DEFAULT '200' NOT NULL, 
	door VARCHAR(8) DEFAULT '' NOT NULL, 
	PRIMARY KEY (code)
);
CREATE TABLE entries (
	round INTEGER NOT NULL, 
	member INTEGER NOT NULL, 
	item VARCHAR(300) NOT NULL, 
	body TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (round, member, item), 
	FOREIGN KEY(round) REFERENCES rounds (id), 
	FOREIGN KEY(member) REFERENCES members (id)
);
CREATE TABLE members (
	id INTEGER NOT NULL, 
	code VARCHAR(8) NOT NULL, 
	number INTEGER NOT NULL, 
	nickname VARCHAR(24) NOT NULL, 
	folded VARCHAR(64) NOT NULL, 
	secret VARCHAR(64) NOT NULL, 
	standing VARCHAR(8) DEFAULT 'in' NOT NULL, 
	at FLOAT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (code, folded), 
	UNIQUE (code, number), 
	UNIQUE (code, secret), 
	FOREIGN KEY(code) REFERENCES classes (code)
);
CREATE TABLE rounds (
	id INTEGER NOT NULL, 
	code VARCHAR(8) NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	"plan" TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (code, number), 
	FOREIGN KEY(code) REFERENCES classes (code)
);
CREATE TABLE runs (
	code VARCHAR(64) NOT NULL, 
	packed BLOB NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (code)
);
CREATE TABLE shelves (
	secret VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (secret)
);
CREATE TABLE tries (
	who VARCHAR(64) NOT NULL, 
	slot INTEGER NOT NULL, 
	times INTEGER NOT NULL, 
	PRIMARY KEY (who, slot)
);
INSERT INTO "tries" VALUES('2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',1796140260,1);
COMMIT;
