/**
 * Made by scripts/twiml-vocabulary.ts from what the twilio package can write. Do not edit.
 *
 * For each element its attributes, and the tags that may stand in it: where the element of a tag has another name, that stands
 * behind a colon.
 */
export const vocabulary = {
  voice: {
    VoiceResponse: [
      "",
      "Connect Dial Echo Enqueue Gather Hangup Leave Pause Pay Play Prompt Queue Record Redirect Refer Reject Say Sms Start Stop",
    ],
    AiSession: ["aiConnector aiSessionConfiguration", ""],
    Application: [
      "copyParentTo customerId method statusCallback statusCallbackEvent statusCallbackMethod url",
      "ApplicationSid Parameter",
    ],
    ApplicationSid: ["", ""],
    Autopilot: ["", ""],
    Client: ["method statusCallback statusCallbackEvent statusCallbackMethod url", "Identity Parameter"],
    Conference: [
      "beep coach endConferenceOnExit eventCallbackUrl jitterBufferSize maxParticipants muted participantLabel record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod region startConferenceOnEnter statusCallback statusCallbackEvent statusCallbackMethod trim waitMethod waitUrl",
      "",
    ],
    Config: ["name value", ""],
    Connect: [
      "action method",
      "AiSession Autopilot Conversation ConversationRelay ConversationRelaySession Room Stream VirtualAgent",
    ],
    Conversation: [
      "inboundAutocreation inboundTimeout method record recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod routingAssignmentTimeout serviceInstanceSid statusCallback statusCallbackEvent statusCallbackMethod trim url",
      "",
    ],
    ConversationRelay: [
      "backgroundnoisereduction debug deepgramsmartformat dtmfDetection elevenlabsTextNormalization events hints ignorebackchannel intelligenceService interruptSensitivity interruptible language partialPrompts preemptible profanityFilter reportInputDuringAgentSpeech speechModel speechtimeout transcriptionLanguage transcriptionProvider ttsLanguage ttsProvider url voice welcomeGreeting welcomeGreetingInterruptible",
      "Language Parameter",
    ],
    ConversationRelaySession: ["connector sessionConfiguration", ""],
    Dial: [
      "action answerOnBridge callerId events hangupOnStar method passports record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod recordingTrack referMethod referUrl ringTone sequential timeLimit timeout trim",
      "Application Client Conference Number Queue Sim Sip WhatsApp",
    ],
    Echo: ["", ""],
    Enqueue: ["action maxQueueSize method waitUrl waitUrlMethod workflowSid", "Task"],
    Gather: [
      "action actionOnEmptyResult bargeIn debug enhanced finishOnKey hints input language maxSpeechTime method numDigits partialResultCallback partialResultCallbackMethod profanityFilter speechModel speechTimeout timeout",
      "Pause Play Say",
    ],
    Hangup: ["", "Parameter"],
    Header: ["name value", ""],
    Headers: ["", "Header"],
    Identity: ["", ""],
    Language: ["code speechModel transcriptionProvider ttsProvider voice", ""],
    Leave: ["", ""],
    Number: [
      "amdStatusCallback amdStatusCallbackMethod byoc machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout method sendDigits statusCallback statusCallbackEvent statusCallbackMethod url",
      "",
    ],
    Parameter: ["name value", ""],
    Pause: ["length", ""],
    Pay: [
      "action bankAccountType chargeAmount currency description input language maxAttempts minPostalCodeLength paymentConnector paymentMethod postalCode securityCode statusCallback statusCallbackMethod timeout tokenType validCardTypes",
      "Parameter Prompt",
    ],
    Play: ["digits loop", ""],
    Prompt: ["attempt cardType errorType for requireMatchingInputs", "Pause Play Say"],
    Queue: ["method postWorkActivitySid reservationSid url", ""],
    Record: [
      "action finishOnKey maxLength method playBeep recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod timeout transcribe transcribeCallback trim",
      "",
    ],
    Recording: [
      "channels recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod track trim",
      "",
    ],
    Redirect: ["method", ""],
    Refer: ["action method", "Sip:ReferSip"],
    ReferSip: ["", ""],
    Reject: ["reason", "Parameter"],
    Room: ["participantIdentity", ""],
    Say: [
      "language loop voice",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    Sim: ["", ""],
    Sip: [
      "amdStatusCallback amdStatusCallbackMethod machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout method password statusCallback statusCallbackEvent statusCallbackMethod url username",
      "Headers Uri:SipUri",
    ],
    SipUri: ["password priority username weight", ""],
    Siprec: ["connectorName name statusCallback statusCallbackMethod track", "Parameter"],
    Sms: ["action from method statusCallback to", ""],
    SsmlBreak: ["strength time", ""],
    SsmlEmphasis: [
      "level",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    SsmlLang: [
      "xml:lang",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    SsmlP: [
      "",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    SsmlPhoneme: ["alphabet ph", ""],
    SsmlProsody: [
      "pitch rate volume",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang p:SsmlP phoneme:SsmlPhoneme prosody:SsmlProsody s:SsmlS say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    SsmlS: [
      "",
      "break:SsmlBreak emphasis:SsmlEmphasis lang:SsmlLang phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub w:SsmlW",
    ],
    SsmlSayAs: ["format interpret-as", ""],
    SsmlSub: ["alias", ""],
    SsmlW: [
      "role",
      "break:SsmlBreak emphasis:SsmlEmphasis phoneme:SsmlPhoneme prosody:SsmlProsody say-as:SsmlSayAs sub:SsmlSub",
    ],
    Start: ["action method", "Recording Siprec Stream Transcription"],
    Stop: ["", "Siprec Stream Transcription"],
    Stream: ["audioFormat connectorName name sampleRate statusCallback statusCallbackMethod track url", "Parameter"],
    Task: ["priority timeout", ""],
    Transcription: [
      "enableAutomaticPunctuation hints inboundTrackLabel intelligenceService languageCode name outboundTrackLabel partialResults profanityFilter speechModel statusCallbackMethod statusCallbackUrl track transcriptionEngine",
      "Config Parameter",
    ],
    VirtualAgent: ["connectorName language sentimentAnalysis statusCallback statusCallbackMethod", "Config Parameter"],
    WhatsApp: ["method statusCallback statusCallbackEvent statusCallbackMethod url", ""],
  },
  messaging: {
    MessagingResponse: ["", "Message Redirect"],
    Body: ["", ""],
    Media: ["", ""],
    Message: ["action from method statusCallback to", "Body Media"],
    Redirect: ["method", ""],
  },
} as const satisfies Readonly<
  Record<string, Readonly<Record<string, readonly [attributes: string, children: string]>>>
>;
