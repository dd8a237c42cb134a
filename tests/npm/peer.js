// The other side of the sealed callbacks, by libraries that are not ours: one JSON line in, one out.
const readline = require("readline");
const wecom = require("@wecom/crypto");
const WXBizMsgCrypt = require("wechat-crypto");

function seal({ library, token, key, id, message, timestamp, nonce }) {
  if (library === "@wecom/crypto") {
    const encrypt = wecom.encrypt(key, message, id);
    return { encrypt, signature: wecom.getSignature(token, timestamp, nonce, encrypt) };
  }
  const peer = new WXBizMsgCrypt(token, key, id);
  const encrypt = peer.encrypt(message);
  return { encrypt, signature: peer.getSignature(timestamp, nonce, encrypt) };
}

function open({ library, token, key, id, encrypt, timestamp, nonce }) {
  if (library === "@wecom/crypto") {
    return { ...wecom.decrypt(key, encrypt), signature: wecom.getSignature(token, timestamp, nonce, encrypt) };
  }
  const peer = new WXBizMsgCrypt(token, key, id);
  return { ...peer.decrypt(encrypt), signature: peer.getSignature(timestamp, nonce, encrypt) };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(asked.op === "seal" ? seal(asked) : open(asked)));
});
