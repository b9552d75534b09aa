// Builds a portrait that talks: a quad with its picture, and its voice. Put it on an empty object and press Play.
using UnityEngine;

namespace Visavis.Samples
{
    /// <summary>A texture NPC from code.</summary>
    public sealed class TextureNpc : MonoBehaviour
    {
        [Tooltip("A face that the server has; the inspector of VisavisSource lists them.")]
        public string avatar = "innkeeper";

        [Tooltip("What it says. None: the line of this sample.")]
        public AudioClip line;

        VisavisSource _source;
        bool _hasGreeted;

        void Start()
        {
            if (line == null) { line = Resources.Load<AudioClip>("VisavisInnkeeper"); }
            Transform eye = Viewer();
            GameObject npc = GameObject.CreatePrimitive(PrimitiveType.Quad);
            npc.SetActive(false); // nothing connects before all is set
            npc.name = avatar;
            npc.transform.SetPositionAndRotation(eye.position + 1.2f * eye.forward, eye.rotation);
            Renderer screen = npc.GetComponent<Renderer>();
            screen.material = new Material(Shader.Find("Unlit/Texture"));

            _source = npc.AddComponent<VisavisSource>();
            _source.character = avatar;
            _source.avatar = avatar;
            _source.textures = true;
            _source.audioSource = npc.AddComponent<AudioSource>();

            VisavisFaceTexture face = npc.AddComponent<VisavisFaceTexture>();
            face.targetRenderer = screen;
            face.targetMaterialProperty = "_MainTex"; // of Unlit/Texture; "_BaseMap" for URP's own shaders
            npc.SetActive(true);
        }

        void Update()
        {
            if (!_hasGreeted && _source.State == LinkState.Live)
            {
                _hasGreeted = true;
                _source.Say(line);
            }
        }

        void OnGUI()
        {
            GUILayout.Label(_source.State + " " + _source.LastError);
            if (GUILayout.Button("Say it")) { _source.Say(line); }
            if (GUILayout.Button("Interrupt")) { _source.Interrupt(); }
            if (GUILayout.Button("Happy")) { _source.SetEmotion("happy", 0.6f); }
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
