// The inspector of VisavisFaceBlendShapes: its fields, which ARKit names its meshes have and which they lack, and a button
// that finds the meshes.
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace Visavis.Editor
{
    /// <summary>Inspector of a VisavisFaceBlendShapes.</summary>
    [CustomEditor(typeof(VisavisFaceBlendShapes))]
    public sealed class VisavisFaceBlendShapesEditor : UnityEditor.Editor
    {
        /// <summary>Draws it.</summary>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var face = (VisavisFaceBlendShapes)target;
            EditorGUILayout.Space();
            if (GUILayout.Button("Find renderers")) { FindRenderers(face); }
            if (!Application.isPlaying) { face.Find(); }
            int found = face.FoundNames.Count, missing = face.MissingNames.Count;
            EditorGUILayout.LabelField("Shapes found", found + " of " + (found + missing));
            if (found == 0)
            {
                EditorGUILayout.HelpBox("No ARKit blend shapes: put the head's meshes into Meshes. Their shapes must be "
                    + "called jawOpen, JawOpen or the like; anything before a dot is ignored.", MessageType.Warning);
            }
            else if (missing > 0)
            {
                EditorGUILayout.HelpBox("Missing, so they do not move: " + string.Join(", ", face.MissingNames),
                    MessageType.Info);
            }
        }

        /// Every mesh below the component that has a shape of ours.
        static void FindRenderers(VisavisFaceBlendShapes face)
        {
            Undo.RecordObject(face, "Find renderers");
            var kept = new List<SkinnedMeshRenderer>();
            foreach (SkinnedMeshRenderer renderer in face.GetComponentsInChildren<SkinnedMeshRenderer>(true))
            {
                face.meshes = new[] { renderer };
                face.Find();
                if (face.FoundNames.Count > 0) { kept.Add(renderer); }
            }
            face.meshes = kept.ToArray();
            face.Find();
            EditorUtility.SetDirty(face);
        }
    }
}
