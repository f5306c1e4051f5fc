"""Makes made-elsewhere.json: hashes by programs that know nothing of this package.

Wants doveadm (Dovecot 2.3), openssl, htpasswd, slappasswd with pw-sha2 and argon2, a crypt(3) by libxcrypt, and the
Python packages django, passlib, argon2-cffi and bcrypt. Salts are random: every run makes new hashes.
"""

import crypt
import json
import subprocess

import passlib.hash as pl
from django.conf import settings
from django.contrib.auth import hashers

settings.configure(
    PASSWORD_HASHERS=["django.contrib.auth.hashers." + name + "PasswordHasher"
                      for name in ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt")]
)

ASCII = "Tr0ub4dor&3"
UNICODE = "pässwörd€ 🔑"
LONG = "0123456789abcdefghij" * 10
COMMON = (ASCII, UNICODE, LONG)
# As long as a digest is: where implementations of sha-crypt go wrong.
EXACT = ("x" * 32, "y" * 64, "z" * 128)

vectors = []


def add(producer, password, stored):
    assert len(stored) > 5, (producer, stored)
    vectors.append({"producer": producer, "password": password, "stored": stored})


def run(*command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def doveadm(scheme, passwords=COMMON):
    for password in passwords:
        add(f"doveadm pw -s {scheme}", password, run("doveadm", "pw", "-s", scheme, "-p", password))


def openssl(option, passwords=COMMON + EXACT):
    for password in passwords:
        add(f"openssl passwd {option}", password, run("openssl", "passwd", option, "-stdin", given=password + "\n"))


def htpasswd(option, passwords=COMMON):
    for password in passwords:
        add(f"htpasswd -nb{option}", password, run("htpasswd", f"-nb{option}", "u", password).split(":", 1)[1])


def slappasswd(scheme, *options, passwords=COMMON):
    for password in passwords:
        command = ("slappasswd", *options, "-h", "{" + scheme + "}", "-s", password)
        add("slappasswd " + " ".join(command[1:-2]), password, run(*command))


def libxcrypt(setting, passwords=COMMON):
    for password in passwords:
        add(f"crypt(3) {setting}", password, crypt.crypt(password, setting))


def django(name, passwords=COMMON, **parameters):
    for password in passwords:
        hasher = hashers.get_hasher(name)
        add(f"django {name}", password, hasher.encode(password, hasher.salt(), **parameters))


def passlib(handler, passwords=COMMON, name=None):
    for password in passwords:
        add(f"passlib {name or handler.name}", password, handler.hash(password))


for scheme in ("CLEARTEXT", "SHA", "SHA1", "SHA256", "SHA512", "SSHA", "SSHA256", "SSHA512", "SMD5", "PLAIN-MD5", "LDAP-MD5",
               "MD5", "MD5-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT", "BLF-CRYPT", "CRYPT", "DES-CRYPT", "PBKDF2", "SCRAM-SHA-1",
               "SCRAM-SHA-256", "CRAM-MD5", "HMAC-MD5", "ARGON2I", "ARGON2ID"):
    doveadm(scheme)
for scheme in ("SHA256.HEX", "SSHA512.HEX", "SSHA256.B64", "CRAM-MD5.B64", "PLAIN-MD5.B64", "LDAP-MD5.HEX", "SHA512-CRYPT.HEX",
               "BLF-CRYPT.B64", "PBKDF2.B64", "SCRAM-SHA-256.B64", "PLAIN.HEX", "CLEAR.B64", "MD5.B64", "DES-CRYPT.HEX"):
    doveadm(scheme, (UNICODE,))
doveadm("SHA512-CRYPT", EXACT)
doveadm("SHA256-CRYPT", EXACT)
doveadm("CRAM-MD5", EXACT)

for option in ("-1", "-5", "-6", "-apr1"):
    openssl(option)
for option in ("m", "B", "s", "2", "5"):
    htpasswd(option)

for scheme in ("SSHA", "SHA", "SMD5", "MD5"):
    slappasswd(scheme)
for scheme in ("SSHA256", "SSHA384", "SSHA512", "SHA256", "SHA384", "SHA512"):
    slappasswd(scheme, "-o", "module-load=pw-sha2")
slappasswd("ARGON2", "-o", "module-load=argon2")

for setting in ("ab", "$1$abcdefgh$", "$5$saltsalt$", "$5$rounds=1400$anotherlongsalt1$", "$6$s$", "$6$rounds=10000$saltstring$",
                "$2b$05$abcdefghijklmnopqrstuu", "$2a$05$abcdefghijklmnopqrstuu", "$2y$05$abcdefghijklmnopqrstuu",
                "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$", "$y$j75$F5Jx5fExrKuPp53xLKQ..1$", "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$",
                "$7$CU..../....abcdefgh$", "$7$96..../....saltsaltsaltsalt$", "$7$A8....0....abc$"):
    libxcrypt(setting)
libxcrypt("$5$saltsalt$", EXACT + ("z" * 511,))
libxcrypt("$6$saltsalt$", EXACT + ("z" * 511,))

for name in ("pbkdf2_sha256", "pbkdf2_sha1"):
    django(name, (ASCII,))
    django(name, (UNICODE, LONG), iterations=2000)
for name in ("argon2", "bcrypt_sha256", "scrypt"):
    django(name, (ASCII,))
django("scrypt", (UNICODE, LONG), n=1024, r=8, p=2)
hashers.get_hasher("bcrypt_sha256").__class__.rounds = 5
hashers.get_hasher("bcrypt").__class__.rounds = 5
django("bcrypt_sha256", (UNICODE, LONG))
django("bcrypt", (ASCII, UNICODE))

for handler in (pl.bcrypt, pl.bcrypt_sha256, pl.ldap_bcrypt):
    handler.set_backend("os_crypt")
passlib(pl.bcrypt.using(rounds=5), name="bcrypt")
passlib(pl.bcrypt_sha256.using(rounds=5), name="bcrypt_sha256")
passlib(pl.bcrypt_sha256.using(rounds=5, version=1), name="bcrypt_sha256, version 1")
for handler in (pl.pbkdf2_sha1, pl.pbkdf2_sha256, pl.pbkdf2_sha512, pl.ldap_pbkdf2_sha1, pl.ldap_pbkdf2_sha256,
                pl.ldap_pbkdf2_sha512, pl.ldap_sha1, pl.ldap_salted_sha1, pl.ldap_salted_sha256, pl.ldap_salted_sha512,
                pl.ldap_md5, pl.ldap_salted_md5, pl.ldap_md5_crypt, pl.ldap_des_crypt, pl.md5_crypt, pl.apr_md5_crypt,
                pl.des_crypt):
    passlib(handler)
for handler in (pl.sha256_crypt, pl.sha512_crypt, pl.ldap_sha512_crypt):
    passlib(handler.using(rounds=5000), name=handler.name + ", 5000 rounds")
passlib(pl.sha512_crypt, (ASCII,))
passlib(pl.scrypt.using(rounds=10), name="scrypt, 10 rounds")
passlib(pl.argon2)

with open("made-elsewhere.json", "w", encoding="utf-8") as out:
    lines = ",\n".join("  " + json.dumps(vector, ensure_ascii=False) for vector in vectors)
    out.write(f"[\n{lines}\n]\n")
print(len(vectors))
