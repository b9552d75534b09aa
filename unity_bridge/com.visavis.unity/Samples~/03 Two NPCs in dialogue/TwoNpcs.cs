// Builds two portraits that take turns and look at each other. Put it on an empty object and press Play.
using UnityEngine;

namespace Visavis.Samples
{
    /// <summary>A dialogue of two texture NPCs from code.</summary>
    public sealed class TwoNpcs : MonoBehaviour
    {
        [Tooltip("Faces that the server has.")]
        public string[] avatars = { "guard", "innkeeper" };

        [Tooltip("What each says when it is its turn. None: the lines of this sample.")]
        public AudioClip[] lines = new AudioClip[2];

        readonly VisavisSource[] _sources = new VisavisSource[2];
        bool _hasBegun;

        void Start()
        {
            if (lines[0] == null) { lines[0] = Resources.Load<AudioClip>("VisavisDialogueGuard"); }
            if (lines[1] == null) { lines[1] = Resources.Load<AudioClip>("VisavisDialogueInnkeeper"); }
            Transform eye = Viewer();
            for (int i = 0; i < 2; i++)
            {
                Vector3 place = eye.position + 1.8f * eye.forward + (i - 0.5f) * 1.1f * eye.right;
                _sources[i] = Npc(avatars[i], seed: i + 1, place: place, turn: eye.rotation);
            }
            _sources[0].LookAt(_sources[1].transform);
            _sources[1].LookAt(_sources[0].transform);
            _sources[0].LineFinished += line => _sources[1].Say(lines[1]);
            _sources[1].LineFinished += line => _sources[0].Say(lines[0]);
            foreach (VisavisSource source in _sources) { source.LineInterrupted += line => _hasBegun = false; }
        }

        void Update()
        {
            bool bothAreLive = _sources[0].State == LinkState.Live && _sources[1].State == LinkState.Live;
            if (!_hasBegun && bothAreLive)
            {
                _hasBegun = true;
                _sources[0].Say(lines[0]);
            }
        }

        void OnGUI()
        {
            foreach (VisavisSource source in _sources)
            {
                GUILayout.Label(source.character + ": " + source.State + " " + source.LastError);
            }
        }

        // Each has a seed of its own, or both would blink in step.
        static VisavisSource Npc(string avatar, int seed, Vector3 place, Quaternion turn)
        {
            GameObject npc = GameObject.CreatePrimitive(PrimitiveType.Quad);
            npc.SetActive(false); // nothing connects before all is set
            npc.name = avatar;
            npc.transform.SetPositionAndRotation(place, turn);
            Renderer screen = npc.GetComponent<Renderer>();
            screen.material = new Material(Shader.Find("Unlit/Texture"));

            VisavisSource source = npc.AddComponent<VisavisSource>();
            source.character = avatar;
            source.avatar = avatar;
            source.textures = true;
            source.seed = seed;
            source.audioSource = npc.AddComponent<AudioSource>();
            source.faceTransform = Outlook(npc.transform);

            VisavisFaceTexture face = npc.AddComponent<VisavisFaceTexture>();
            face.targetRenderer = screen;
            npc.SetActive(true);
            return source;
        }

        // A Quad shows its picture on the side of its -z: where the face looks is the other way round.
        static Transform Outlook(Transform quad)
        {
            Transform outlook = new GameObject("Outlook").transform;
            outlook.SetParent(quad, false);
            outlook.localRotation = Quaternion.Euler(0f, 180f, 0f);
            return outlook;
        }

        static Transform Viewer()
        {
            if (Camera.main != null) { return Camera.main.transform; }
            var viewer = new GameObject("Camera") { tag = "MainCamera" };
            viewer.AddComponent<Camera>();
            viewer.AddComponent<AudioListener>();
            return viewer.transform;
        }
    }
}
