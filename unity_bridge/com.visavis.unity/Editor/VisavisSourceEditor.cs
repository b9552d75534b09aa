// The inspector of VisavisSource: its fields; what the bridge has to choose from; in play mode how it stands, how late it
// is and what went wrong; and a line to try it with. Asking the bridge never makes the editor wait.
using UnityEditor;
using UnityEngine;

namespace Visavis.Editor
{
    /// <summary>Inspector of a VisavisSource.</summary>
    [CustomEditor(typeof(VisavisSource))]
    public sealed class VisavisSourceEditor : UnityEditor.Editor
    {
        const string TestLine = "Packages/com.visavis.unity/Editor/TestLine.ogg";

        BridgeListing _listing;
        AudioClip _line;
        bool _isAnswered;

        /// <summary>Draws it.</summary>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var source = (VisavisSource)target;
            EditorGUILayout.Space();
            DrawChoice(source);
            EditorGUILayout.Space();
            if (Application.isPlaying) { DrawState(source); }
            else { EditorGUILayout.HelpBox("In play mode: state, latency, and a line to try.", MessageType.Info); }
        }

        /// <summary>State and latency change without an event.</summary>
        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying || (_listing != null && !_isAnswered);
        }

        void OnDisable()
        {
            if (_listing != null) { _listing.Dispose(); }
            _listing = null;
            _isAnswered = false;
        }

        void DrawChoice(VisavisSource source)
        {
            // The answer comes on another thread, but what is laid out is what must be drawn.
            if (Event.current.type == EventType.Layout) { _isAnswered = _listing != null && _listing.IsDone; }
            bool asks = _listing != null && !_isAnswered;
            using (new EditorGUI.DisabledScope(asks))
            {
                if (GUILayout.Button(asks ? "Asking the bridge ..." : "Ask the bridge for faces"))
                {
                    OnDisable();
                    _listing = new BridgeListing(source.host, source.port);
                    return;
                }
            }
            if (!_isAnswered) { return; }
            if (_listing.Error.Length > 0) { EditorGUILayout.HelpBox(_listing.Error, MessageType.Warning); }
            else if (_listing.Avatars.Length == 0)
            {
                EditorGUILayout.HelpBox("The server has no avatars: visavis avatar build PORTRAIT -o NPC.visavis, then "
                    + "visavis serve --bridge --avatars FOLDER.", MessageType.Info);
            }
            Choose("Avatar", "avatar", _listing.Avatars);
            Choose("Open characters", "character", _listing.Characters);
        }

        void Choose(string label, string property, string[] names)
        {
            if (names.Length == 0) { return; }
            SerializedObject fields = serializedObject;
            fields.Update();
            SerializedProperty chosen = fields.FindProperty(property);
            int before = System.Array.IndexOf(names, chosen.stringValue);
            int now = EditorGUILayout.Popup(label, before, names);
            if (now == before) { return; }
            chosen.stringValue = names[now];
            fields.ApplyModifiedProperties();
        }

        void DrawState(VisavisSource source)
        {
            EditorGUILayout.LabelField("State", source.State.ToString());
            string latency = source.LatencyMs > 0f ? source.LatencyMs.ToString("0.0") + " ms" : "unknown";
            EditorGUILayout.LabelField("Latency", latency);
            EditorGUILayout.LabelField("Motion lost", source.MotionLost + " messages");
            EditorGUILayout.LabelField("Line", source.SpokenLine > 0 ? source.SpokenLine.ToString() : "none");
            if (source.LastError.Length > 0) { EditorGUILayout.HelpBox(source.LastError, MessageType.Warning); }
            if (_line == null) { _line = AssetDatabase.LoadAssetAtPath<AudioClip>(TestLine); }
            _line = (AudioClip)EditorGUILayout.ObjectField("Test line", _line, typeof(AudioClip), false);
            using (new EditorGUI.DisabledScope(_line == null || source.State != LinkState.Live))
            {
                if (GUILayout.Button("Say the test line")) { source.Say(_line); }
            }
            if (GUILayout.Button("Interrupt")) { source.Interrupt(); }
        }
    }
}
