using System;
using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// A character of a Visavis bridge: its face, sixty times a second, and the sound of what it says. Put it on an
    /// NPC, give it an AudioSource, and let VisavisFaceTexture or VisavisFaceBlendShapes show it; then call Say.
    /// Nothing here waits: threads of the link do, and they end in OnDisable. Where and whom is read at the first
    /// Update or Say after OnEnable, so that code may add this component and then set it up. What it does not do: it
    /// makes no voice, it shows nothing by itself, and it does not run in a browser (WebGL), which has no sockets.
    /// </summary>
    [AddComponentMenu("Visavis/Visavis Source")]
    [DisallowMultipleComponent]
    public sealed class VisavisSource : MonoBehaviour
    {
        const int GazeEveryFrames = 6;
        const float GazeStepRad = 0.01f;

        /// <summary>Where `visavis serve --bridge` runs.</summary>
        [Tooltip("Where `visavis serve --bridge` runs")]
        public string host = "127.0.0.1";
        /// <summary>The bridge's port of requests; it uses the two above too.</summary>
        [Tooltip("The bridge's port of requests; motion and pictures have the two above")]
        public int port = 8611;
        /// <summary>A name for this NPC: letters, digits, - and _; who uses the same name sees the same face.</summary>
        [Tooltip("A name for this NPC: letters, digits, - and _. Who uses the same name sees the same face")]
        public string character = "npc";
        /// <summary>A face that the server has; empty: motion only.</summary>
        [Tooltip("The name of a face that the server has; empty: motion only")]
        public string avatar = "";
        /// <summary>Whether the server draws the face; needs an avatar.</summary>
        [Tooltip("Whether the server draws the face (for Visavis Face Texture); needs an avatar")]
        public bool textures;
        /// <summary>Width and height of the pictures, pixels.</summary>
        [Tooltip("Width and height of the pictures, pixels")]
        public int textureSize = 512;
        /// <summary>Pictures a second.</summary>
        [Tooltip("Pictures a second")]
        public int textureFps = 25;
        /// <summary>The same seed makes the same blinks and glances; -1: any.</summary>
        [Tooltip("The same seed makes the same blinks and glances; -1: any")]
        public int seed = -1;
        /// <summary>Plays the lines; none: the one beside this component.</summary>
        [Tooltip("Plays the lines; empty: the Audio Source beside this component")]
        public AudioSource audioSource;
        /// <summary>
        /// Stands between the eyes and looks (+z) where the face looks at rest, for LookAt; none: this transform. It
        /// must not be a bone that the face turns. A picture on a Quad looks along the Quad's -z: give it a child
        /// turned by 180°.
        /// </summary>
        [Tooltip("Looks (+z) where the face looks at rest, for LookAt; empty: this. Not a bone that the face turns")]
        public Transform faceTransform;
        /// <summary>Added to the play position, seconds: > 0 shows the face earlier than its sound.</summary>
        [Tooltip("Seconds by which the face is ahead of the sound")]
        public float offsetSeconds;

        readonly Wishes _wishes = new Wishes();
        readonly float[] _face = new float[Follower.Count];
        bool _isEnabled;
        Link _link;
        Speech _speech;
        Transform _lookAt;
        float _distance;
        float _headGain = 1.0f;
        float _blinkRate = 1.0f;
        float _gazeYawRad, _gazePitchRad;
        int _frames;

        /// <summary>The sound of a line has started.</summary>
        public event Action<Line> LineStarted;
        /// <summary>The sound of a line has ended.</summary>
        public event Action<Line> LineFinished;
        /// <summary>A line was cut short or refused; Line.Error and LastError say why.</summary>
        public event Action<Line> LineInterrupted;

        /// <summary>How it stands with the bridge.</summary>
        public LinkState State { get { return _link != null ? _link.Status.State : LinkState.Connecting; } }
        /// <summary>What went wrong last, a sentence that says what to do; "" from when frames come again.</summary>
        public string LastError { get; private set; } = "";
        /// <summary>From the server to this game, milliseconds; 0: unknown.</summary>
        public float LatencyMs { get { return _link != null ? _link.Status.LatencyMs : 0.0f; } }
        /// <summary>Motion that did not come, messages.</summary>
        public long MotionLost { get { return _link != null ? _link.Status.MotionLost : 0; } }
        /// <summary>
        /// The face of this frame, [64] as Vocabulary.Names; changes in Update, so read it in LateUpdate.
        /// </summary>
        public float[] Face { get { return _face; } }
        /// <summary>The picture of this frame; null before the first. Valid until the next Update.</summary>
        public Picture Picture { get; private set; }
        /// <summary>Number of the line whose sound plays; 0: none.</summary>
        public int SpokenLine { get { return _speech != null ? _speech.Line : 0; } }
        /// <summary>Where the face is in that line, 16 kHz samples, offsetSeconds included.</summary>
        public double Position { get; private set; }

        /// <summary>How far away the head is, -1..1 head widths; > 0 is further.</summary>
        public float Distance
        {
            get { return _distance; }
            set { _distance = value; _wishes.SetDistance(value); }
        }

        /// <summary>How much the head moves, 0..2; 0: it keeps still.</summary>
        public float HeadGain
        {
            get { return _headGain; }
            set { _headGain = value; _wishes.SetHeadGain(value); }
        }

        /// <summary>How often the eyes blink, 0..3; 0: never.</summary>
        public float BlinkRate
        {
            get { return _blinkRate; }
            set { _blinkRate = value; _wishes.SetBlinkRate(value); }
        }

        /// <summary>Says a clip when its turn comes. Its Load Type must be Decompress On Load.</summary>
        public Line Say(AudioClip clip)
        {
            return Add(Sound.PcmOf(clip), clip.frequency, clip);
        }

        /// <summary>Says a sound when its turn comes: int16 mono, little-endian, 8,000 to 192,000 Hz.</summary>
        public Line Say(byte[] pcm, int rateHz)
        {
            return Add(pcm, rateHz, null);
        }

        /// <summary>Stops the sound at once, drops all lines; the mouth shuts within 120 ms.</summary>
        public void Interrupt()
        {
            if (_link == null) { return; }
            _link.Interrupt();
            _speech.Interrupt();
        }

        /// <summary>One of Vocabulary.Emotions, 0..1; the others stay as they are.</summary>
        public void SetEmotion(string emotion, float weight)
        {
            _wishes.SetEmotion(emotion, weight);
        }

        /// <summary>Keeps looking at it, wherever it goes; null: at the viewer again.</summary>
        public void LookAt(Transform target)
        {
            _lookAt = target;
            if (target == null) { Gaze(0.0f, 0.0f); }
            _frames = 0;
        }

        void OnEnable()
        {
            _isEnabled = true;
        }

        void Begin()
        {
            if (_link != null || !_isEnabled) { return; }
            var options = new LinkOptions
            {
                Host = host, Port = port, Character = character, Avatar = avatar, Textures = textures,
                TextureSizePx = textureSize, TextureFps = textureFps, Seed = seed,
            };
            try { _link = new Link(options, _wishes); }
            catch (ArgumentException wrong)
            {
                _isEnabled = false; // told once
                LastError = wrong.Message;
                Debug.LogError("Visavis: " + LastError, this);
                return;
            }
            if (audioSource == null) { audioSource = GetComponent<AudioSource>(); }
            _speech = new Speech(_link, audioSource, textures);
            _speech.LineStarted += line => { if (LineStarted != null) { LineStarted(line); } };
            _speech.LineFinished += line => { if (LineFinished != null) { LineFinished(line); } };
            _speech.LineInterrupted += line => { if (LineInterrupted != null) { LineInterrupted(line); } };
            _link.Start();
        }

        void OnDisable()
        {
            _isEnabled = false;
            if (_link == null) { return; }
            _link.Close();
            _speech.Interrupt();
            _link = null;
            _speech = null;
            Picture = null;
            Array.Clear(_face, 0, _face.Length); // nobody drives it: shut
        }

        void Update()
        {
            Begin();
            if (_link == null) { return; }
            double nowS = Clock.NowS();
            _speech.Update(nowS);
            if (_link == null) { return; } // whoever heard of a line may have disabled this
            LastError = _link.Status.LastError;
            Position = _speech.Position + offsetSeconds * Vocabulary.SampleRateHz;
            int line = _speech.Line;
            _link.Faces.Show(nowS, line, Position, _face);
            if (textures) { Picture = _link.Pictures.Show(line, Position); }
            if (_lookAt != null && _frames++ % GazeEveryFrames == 0) { Look(); }
        }

        void Look()
        {
            Transform face = faceTransform != null ? faceTransform : transform;
            float yawRad;
            float pitchRad;
            FaceAxes.Gaze(
                Quaternion.Inverse(face.rotation) * (_lookAt.position - face.position), out yawRad, out pitchRad);
            float changeRad = Math.Max(Math.Abs(yawRad - _gazeYawRad), Math.Abs(pitchRad - _gazePitchRad));
            if (changeRad > GazeStepRad) { Gaze(yawRad, pitchRad); }
        }

        void Gaze(float yawRad, float pitchRad)
        {
            _gazeYawRad = yawRad;
            _gazePitchRad = pitchRad;
            _wishes.SetGaze(yawRad, pitchRad);
        }

        Line Add(byte[] pcm, int rateHz, AudioClip clip)
        {
            Begin();
            if (_link == null)
            {
                throw new InvalidOperationException("Enable the Visavis Source, with valid settings, then say a line.");
            }
            if (audioSource == null)
            {
                throw new InvalidOperationException("The Visavis Source has no Audio Source to say it with: add one.");
            }
            Line line = _link.Say(pcm, rateHz);
            _speech.Add(line, clip != null ? clip : Sound.ClipOf(pcm, rateHz), clip == null);
            return line;
        }
    }
}
