// Signs in with a passkey, or makes one. Without this script, and in browsers that know no passkeys, the password does.
const supported = typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'

async function ask(form) {
  const options = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)) })
  const publicKey = await options.json()
  return form.dataset.passkey === 'make'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) })
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.hidden = !supported
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const failed = form.querySelector('[role="alert"]')
    failed.hidden = true
    ask(form).then(
      (credential) => {
        form.elements.answer.value = JSON.stringify(credential)
        form.submit()
      },
      () => (failed.hidden = false),
    )
  })
}
