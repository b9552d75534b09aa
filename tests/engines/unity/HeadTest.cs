using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>Unity's axes and the names of models: which way a face turns, looks and moves its shapes.</summary>
    [TestFixture]
    public class HeadTest
    {
        const float Small = 1e-4f;
        static readonly Vector3 Forward = new Vector3(0, 0, 1);
        static readonly Vector3 Up = new Vector3(0, 1, 0);

        [Test]
        public void AnglesTurnAsTheirSignsSay()
        {
            // A character that looks along +z has its own left at -x.
            Vector3 yaw = FaceAxes.Turn(0.5f, 0, 0) * Forward;
            Assert.That(yaw.x, Is.EqualTo(-(float)Math.Sin(0.5)).Within(Small), "yaw > 0: to the subject's left");
            Vector3 pitch = FaceAxes.Turn(0, 0.5f, 0) * Forward;
            Assert.That(pitch.y, Is.EqualTo((float)Math.Sin(0.5)).Within(Small), "pitch > 0: up");
            Vector3 roll = FaceAxes.Turn(0, 0, 0.5f) * Up;
            Assert.That(roll.x, Is.EqualTo((float)Math.Sin(0.5)).Within(Small),
                "roll > 0: to the subject's right shoulder");
        }

        [Test]
        public void AnglesCombineAsTheFaceCombinesThem()
        {
            // The face's own: third column of rotation_from_angles, whose x is the subject's left: -x here.
            const float Yaw = 0.4f, Pitch = -0.3f, Roll = 0.2f;
            Vector3 forward = FaceAxes.Turn(Yaw, Pitch, Roll) * Forward;
            Assert.That(-forward.x, Is.EqualTo((float)(Math.Sin(Yaw) * Math.Cos(Pitch))).Within(Small));
            Assert.That(forward.y, Is.EqualTo((float)Math.Sin(Pitch)).Within(Small));
            Vector3 left = FaceAxes.Turn(Yaw, Pitch, Roll) * new Vector3(-1, 0, 0);
            Assert.That(left.y, Is.EqualTo((float)(Math.Cos(Pitch) * Math.Sin(Roll))).Within(Small));
        }

        [Test]
        public void TheGazeMeetsItsTarget()
        {
            var target = new Vector3(-0.3f, 0.2f, 1.1f);
            float yawRad, pitchRad;
            FaceAxes.Gaze(target, out yawRad, out pitchRad);
            Assert.That(yawRad, Is.GreaterThan(0), "the target is at the subject's left");
            Vector3 looked = FaceAxes.Turn(yawRad, pitchRad, 0) * Forward;
            var length = (float)Math.Sqrt(target.x * target.x + target.y * target.y + target.z * target.z);
            Assert.That(looked.x * length, Is.EqualTo(target.x).Within(1e-3));
            Assert.That(looked.y * length, Is.EqualTo(target.y).Within(1e-3));
        }

        [Test]
        public void ShapesAreFoundHoweverModelsWriteThem()
        {
            using (var scene = new Scene())
            {
                var shapes = scene.Add<VisavisFaceBlendShapes>();
                var mesh = new Mesh
                {
                    Shapes = new[] { "Face.JAWOPEN", "mouthSmile_L", "EyeBlinkRight", "viseme_aa", "a.b.tongueOut" },
                };
                var teeth = new Mesh { Shapes = new[] { "jawOpen" } };
                shapes.meshes = new[]
                {
                    new SkinnedMeshRenderer { sharedMesh = mesh }, null, new SkinnedMeshRenderer { sharedMesh = teeth },
                };
                scene.Enable(shapes);
                string[] wanted = { "eyeBlinkRight", "jawOpen", "mouthSmileLeft", "tongueOut" };
                Assert.That(shapes.FoundNames, Is.EqualTo(wanted));
                Assert.That(shapes.MissingNames.Count, Is.EqualTo(48));
                Assert.That(shapes.MissingNames, Has.Member("eyeBlinkLeft"));
            }
        }

        [Test]
        public void ALiveFaceMovesShapesAndBonesAndLooksAtItsTarget()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "looker");
                var shapes = scene.Add<VisavisFaceBlendShapes>();
                var mesh = new SkinnedMeshRenderer { sharedMesh = new Mesh { Shapes = new[] { "x", "jawOpen" } } };
                shapes.meshes = new[] { mesh };
                shapes.maxWeight = 1.0f;
                // Bones have axes of their own.
                var neck = new Transform { localRotation = Quaternion.Euler(20, 70, 200) };
                shapes.headTransform = new Transform { parent = neck, localRotation = Quaternion.Euler(10, -30, 5) };
                Quaternion rest = shapes.headTransform.rotation;
                var left = new Transform { localPosition = new Vector3(-1.0f, 0, 1.5f) };
                scene.Enable(source);
                scene.Enable(shapes);
                source.LookAt(left);
                source.Say(Stack.Speech, 16000);
                double most = 0.0;
                bool isLooking = scene.Play(25.0, () =>
                {
                    most = Math.Max(most, mesh.Weights[1]);
                    return source.Position > 40000 && source.Face[Face.LeftEye] + source.Face[Face.Head] > 0.3f;
                });
                Assert.That(isLooking, "eyes and head look left: " + source.LastError);
                Assert.That(most, Is.InRange(0.15, 1.0), "jawOpen, 0 to 1");
                // What the bone was turned by, seen from the character: the same as the head's angles.
                Quaternion turned = shapes.headTransform.rotation * Quaternion.Inverse(rest);
                float[] face = source.Face;
                Vector3 wanted = FaceAxes.Turn(face[Face.Head], face[Face.Head + 1], face[Face.Head + 2]) * Forward;
                Vector3 found = turned * Forward;
                Assert.That(found.x, Is.EqualTo(wanted.x).Within(1e-3));
                Assert.That(found.y, Is.EqualTo(wanted.y).Within(1e-3));
                scene.Disable(shapes);
                Assert.That((shapes.headTransform.rotation * Quaternion.Inverse(rest)).w, Is.EqualTo(1.0f).Within(1e-3),
                    "back at rest");
            }
        }
    }
}
