"""Keys with which an app's own backend signs JWTs, and the app file that makes the gateway know them."""

import base64
import time

import jwt
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

SECRET = "a-shared-secret-of-the-apps-own-backend"

PRIVATE = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}

ALGORITHMS = ("HS256", *PRIVATE)


def public_pem(algorithm):
    return (
        PRIVATE[algorithm]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def app_file(app):
    """The YAML of `apps.d/<app>.yaml` with one JWT key of each algorithm; a key's `kid` is its algorithm."""
    known = [{"kid": "HS256", "algorithm": "HS256", "secret": SECRET}]
    known += [{"kid": name, "algorithm": name, "publicKey": public_pem(name).decode()} for name in PRIVATE]
    return yaml.safe_dump(
        {"id": app, "authKey": f"{app}-auth-key", "apiKeys": [f"{app}-api-key"], "jwt": {"keys": known}}
    )


def signed(uid, *, audience="second", expires_in=600, algorithm="HS256", key=None, kid=None, **claims):
    """A JWT as the app's backend makes it. A claim given as None is left out."""
    content = {"sub": uid, "aud": audience, "exp": int(time.time()) + expires_in} | claims
    return jwt.encode(
        {name: value for name, value in content.items() if value is not None},
        key or PRIVATE.get(algorithm, SECRET),
        algorithm=algorithm,
        headers={"kid": kid or algorithm},
    )


# -- JSON Web Key Sets


def public_jwk(key, kid=None, **members):
    """The public half of a private key, or a shared secret, as a JWK."""
    if isinstance(key, str):
        jwk = {"kty": "oct", "alg": "HS256", "k": _base64url(key.encode())}
    elif isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        jwk = {"kty": "RSA", "n": _base64url(_bytes(numbers.n)), "e": _base64url(_bytes(numbers.e))}
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        jwk = {"kty": "EC", "crv": "P-256", "x": _base64url(x), "y": _base64url(y)}
    else:
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": _base64url(raw)}
    return jwk | ({"kid": kid} if kid else {}) | members


def _bytes(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
