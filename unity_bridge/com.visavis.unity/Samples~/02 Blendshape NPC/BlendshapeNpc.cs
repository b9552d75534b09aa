// Builds a 3D head that talks: blend shapes, head and eyes. Put it on an empty object and press Play; a puppet made by code
// stands in until you give it a head of your own with ARKit blend shapes.
using UnityEngine;

namespace Visavis.Samples
{
    /// <summary>A blend shape NPC from code.</summary>
    public sealed class BlendshapeNpc : MonoBehaviour
    {
        [Tooltip("A head with ARKit blend shapes that faces +Z. None: the puppet.")]
        public GameObject headPrefab;

        [Tooltip("Of that head: 100 for FBX models, 1 for importers that keep glTF's 0 to 1.")]
        public float maxWeight = 100f;

        [Tooltip("Names of its bones, where it has them: Head, EyeLeft, EyeRight of `visavis avatar export`.")]
        public string headBone = "Head", leftEyeBone = "EyeLeft", rightEyeBone = "EyeRight";

        [Tooltip("What it says. None: the line of this sample.")]
        public AudioClip line;

        VisavisSource _source;
        bool _hasGreeted;

        void Start()
        {
            if (line == null) { line = Resources.Load<AudioClip>("VisavisScholar"); }
            Transform eye = Viewer();
            var npc = new GameObject("Scholar");
            npc.SetActive(false); // nothing connects before all is set
            npc.transform.SetPositionAndRotation(eye.position + 0.6f * eye.forward,
                Quaternion.LookRotation(-eye.forward, eye.up));

            _source = npc.AddComponent<VisavisSource>();
            _source.character = "scholar";
            _source.audioSource = npc.AddComponent<AudioSource>();

            VisavisFaceBlendShapes face = npc.AddComponent<VisavisFaceBlendShapes>();
            if (headPrefab == null)
            {
                PuppetHead.Build(npc.transform, face);
            }
            else
            {
                GameObject head = Instantiate(headPrefab, npc.transform);
                face.meshes = head.GetComponentsInChildren<SkinnedMeshRenderer>();
                face.maxWeight = maxWeight;
                foreach (Transform bone in head.GetComponentsInChildren<Transform>())
                {
                    if (bone.name == headBone) { face.headTransform = bone; }
                    if (bone.name == leftEyeBone) { face.leftEye = bone; }
                    if (bone.name == rightEyeBone) { face.rightEye = bone; }
                }
            }
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
            if (GUILayout.Button("Look at me")) { _source.LookAt(Camera.main.transform); }
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
