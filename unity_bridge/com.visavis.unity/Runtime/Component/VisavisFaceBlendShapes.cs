using System;
using System.Collections.Generic;
using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// Moves a character's own head: blend shapes by their ARKit names (or the ways in which models write them, see
    /// Vocabulary.Aliases; upper and lower case are the same, what stands before a dot is ignored), and the bones of
    /// head and eyes. In LateUpdate, so that an Animator does not overwrite it. This transform must look (+z) where the
    /// character looks while it stands at rest. What it does not do: the place of the head (headX, headY, headZ) stays
    /// as it is.
    /// </summary>
    [AddComponentMenu("Visavis/Visavis Face Blend Shapes")]
    public sealed class VisavisFaceBlendShapes : MonoBehaviour
    {
        /// <summary>Where the face comes from; none: the one beside this component.</summary>
        [Tooltip("Where the face comes from; empty: the Visavis Source beside this component")]
        public VisavisSource source;
        /// <summary>All meshes that have blend shapes: face, teeth, lashes.</summary>
        [Tooltip("All meshes that have blend shapes: face, teeth, lashes")]
        public SkinnedMeshRenderer[] meshes = new SkinnedMeshRenderer[0];
        /// <summary>A shape's weight at 1.0: 100 for FBX, 1 where a glTF importer keeps 0..1.</summary>
        [Tooltip("A shape's full weight: 100 for FBX, 1 where a glTF importer keeps 0 to 1")]
        public float maxWeight = 100.0f;
        /// <summary>The head's bone; none: the head is not turned.</summary>
        [Tooltip("The head's bone; empty: it is not turned")]
        public Transform headTransform;
        /// <summary>The bone of the subject's left eye; none: it is not turned.</summary>
        [Tooltip("The bone of the character's own left eye; empty: it is not turned")]
        public Transform leftEye;
        /// <summary>The bone of the subject's right eye; none: it is not turned.</summary>
        [Tooltip("The bone of the character's own right eye; empty: it is not turned")]
        public Transform rightEye;

        readonly List<Shape> _shapes = new List<Shape>();
        readonly List<string> _found = new List<string>();
        readonly List<string> _missing = new List<string>();
        Bone _head, _left, _right;

        /// <summary>ARKit names that the meshes have; filled when the component is enabled, or by Find.</summary>
        public IList<string> FoundNames { get { return _found; } }
        /// <summary>ARKit names that no mesh has.</summary>
        public IList<string> MissingNames { get { return _missing; } }

        /// <summary>Looks for the shapes again, after `meshes` has changed.</summary>
        public void Find()
        {
            _shapes.Clear();
            _found.Clear();
            _missing.Clear();
            var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            for (int i = 0; i < Vocabulary.Aliases.Length; i++)
            {
                foreach (string alias in Vocabulary.Aliases[i]) { names[alias] = i; }
            }
            var isFound = new bool[Vocabulary.Aliases.Length];
            foreach (SkinnedMeshRenderer mesh in meshes)
            {
                if (mesh == null || mesh.sharedMesh == null) { continue; }
                for (int shape = 0; shape < mesh.sharedMesh.blendShapeCount; shape++)
                {
                    string name = mesh.sharedMesh.GetBlendShapeName(shape);
                    int at;
                    if (!names.TryGetValue(name.Substring(name.LastIndexOf('.') + 1), out at)) { continue; }
                    isFound[at] = true;
                    _shapes.Add(new Shape(mesh, shape, at));
                }
            }
            for (int i = 0; i < isFound.Length; i++) { (isFound[i] ? _found : _missing).Add(Vocabulary.Names[i]); }
        }

        void OnEnable()
        {
            if (source == null) { source = GetComponent<VisavisSource>(); }
            Find();
            _head = new Bone(headTransform, transform, Visavis.Face.Head);
            _left = new Bone(leftEye, transform, Visavis.Face.LeftEye);
            _right = new Bone(rightEye, transform, Visavis.Face.RightEye);
        }

        void OnDisable()
        {
            foreach (Shape shape in _shapes) { shape.Set(Nobody, maxWeight); }
            _head.Rest();
            _left.Rest();
            _right.Rest();
        }

        void LateUpdate()
        {
            if (source == null) { return; }
            float[] face = source.Face;
            for (int i = 0; i < _shapes.Count; i++) { _shapes[i].Set(face, maxWeight); }
            _head.Turn(face);
            _left.Turn(face);
            _right.Turn(face);
        }

        static readonly float[] Nobody = new float[Follower.Count];

        /// <summary>One shape of one mesh.</summary>
        struct Shape
        {
            readonly SkinnedMeshRenderer _mesh;
            readonly int _shape;
            readonly int _at;

            public Shape(SkinnedMeshRenderer mesh, int shape, int at)
            {
                _mesh = mesh;
                _shape = shape;
                _at = at;
            }

            public void Set(float[] face, float maxWeight)
            {
                if (_mesh != null) { _mesh.SetBlendShapeWeight(_shape, face[_at] * maxWeight); }
            }
        }

        /// <summary>A bone at rest, whatever its own axes are, turned in the axes of the character.</summary>
        struct Bone
        {
            readonly Transform _bone;
            readonly Quaternion _rest;
            readonly Quaternion _axes;
            readonly int _at;

            public Bone(Transform bone, Transform character, int at)
            {
                _bone = bone;
                _at = at;
                _rest = bone != null ? bone.localRotation : Quaternion.identity;
                // The character's axes as the bone's parent sees them at rest.
                _axes = bone != null && bone.parent != null
                    ? Quaternion.Inverse(bone.parent.rotation) * character.rotation
                    : character.rotation;
            }

            public void Turn(float[] face)
            {
                if (_bone == null) { return; }
                Quaternion turn = FaceAxes.Turn(face[_at], face[_at + 1], face[_at + 2]);
                _bone.localRotation = _axes * turn * Quaternion.Inverse(_axes) * _rest;
            }

            public void Rest()
            {
                if (_bone != null) { _bone.localRotation = _rest; }
            }
        }
    }
}
